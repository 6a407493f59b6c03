//! JSON Web Tokens: really signed, really verified.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RSA_PSS_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use serde_json::{Map, Value, json};

use crate::ids;

/// The emulator's own keys. They are public, so whatever they sign is worth nothing elsewhere;
/// fixed, so that golden tests see the same tokens each time.
pub(crate) struct Keys {
    cluster: Key,
    entra: Key,
    pipelines: Key,
}

impl Keys {
    pub(crate) fn new() -> Result<Self, ring::error::KeyRejected> {
        Ok(Self {
            cluster: Key::new(include_bytes!("../keys/cluster.pk8"))?,
            entra: Key::new(include_bytes!("../keys/entra.pk8"))?,
            pipelines: Key::new(include_bytes!("../keys/pipelines.pk8"))?,
        })
    }

    pub(crate) fn of(&self, signer: Signer) -> &Key {
        match signer {
            Signer::Cluster => &self.cluster,
            Signer::Entra => &self.entra,
            Signer::Pipelines => &self.pipelines,
        }
    }
}

/// Whose key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Signer {
    /// Kubernetes clusters.
    Cluster,
    /// Entra itself.
    Entra,
    /// `vstoken.dev.azure.com` and GitHub.
    Pipelines,
}

/// A key pair and its id.
pub(crate) struct Key {
    pair: RsaKeyPair,
    id: String,
}

impl Key {
    fn new(pkcs8: &[u8]) -> Result<Self, ring::error::KeyRejected> {
        let pair = RsaKeyPair::from_pkcs8(pkcs8)?;
        let public = URL_SAFE_NO_PAD.encode(pair.public().as_ref());
        let id = URL_SAFE_NO_PAD.encode(&ids::hash(&[&public])[..20]);
        Ok(Self { pair, id })
    }

    /// The compact form of the claims, signed with RS256.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let header = json!({"typ": "JWT", "alg": "RS256", "x5t": self.id, "kid": self.id});
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let mut signature = vec![0; self.pair.public().modulus_len()];
        let outcome =
            self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature);
        debug_assert!(outcome.is_ok(), "the buffer has the modulus' length");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Whether this key signed it.
    pub(crate) fn signed(&self, token: &Jwt) -> bool {
        token.signed_by(self.pair.public().as_ref())
    }

    /// The public half as an entry of a key set.
    pub(crate) fn jwk(&self) -> Value {
        let parts = PublicKeyComponents::<Vec<u8>>::from(self.pair.public());
        json!({
            "kty": "RSA", "use": "sig", "kid": self.id, "x5t": self.id,
            "n": URL_SAFE_NO_PAD.encode(parts.n), "e": URL_SAFE_NO_PAD.encode(parts.e),
        })
    }
}

/// A token that was read, not yet believed.
pub(crate) struct Jwt {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    signed: String,
    signature: Vec<u8>,
}

impl Jwt {
    /// Reads the compact form.
    pub(crate) fn parse(compact: &str) -> Option<Self> {
        let (signed, signature) = compact.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let object = |part: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
            serde_json::from_slice::<Map<String, Value>>(&bytes).ok()
        };
        Some(Self {
            header: object(header)?,
            claims: object(claims)?,
            signed: signed.to_owned(),
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&Value> {
        self.header.get(name)
    }

    pub(crate) fn claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    /// The audiences: `aud` may be a list.
    pub(crate) fn audiences(&self) -> Vec<&str> {
        match self.claims.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// A time claim. MSAL.NET writes them as texts, MSAL for Python with fractions.
    pub(crate) fn seconds(&self, name: &str) -> Option<i64> {
        let seconds: f64 = match self.claims.get(name)? {
            Value::String(text) => text.parse().ok()?,
            number => number.as_f64()?,
        };
        Some(seconds as i64)
    }

    /// Whether the holder of this RSA key (PKCS#1 DER) signed it, by the algorithm of its header.
    pub(crate) fn signed_by(&self, public_key: &[u8]) -> bool {
        let algorithm = match self.header.get("alg").and_then(Value::as_str) {
            Some("PS256") => &RSA_PSS_2048_8192_SHA256,
            Some("RS256") => &RSA_PKCS1_2048_8192_SHA256,
            _ => return false,
        };
        UnparsedPublicKey::new(algorithm, public_key).verify(self.signed.as_bytes(), &self.signature).is_ok()
    }
}

/// Decodes either base64 alphabet, padded or not.
pub(crate) fn decode_any_base64(text: &str) -> Option<Vec<u8>> {
    let unpadded = text.trim_end_matches('=').replace('+', "-").replace('/', "_");
    URL_SAFE_NO_PAD.decode(unpadded).ok()
}

/// Decodes the standard alphabet with its padding, as in HTTP's Basic scheme and `x5c`.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}
