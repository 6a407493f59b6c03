//! The assertion that an app signs with its certificate's key
//! (Microsoft identity platform, certificate credentials; RFC 7523).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use rsa::rand_core::UnwrapErr;
use rsa::signature::{RandomizedSigner as _, SignatureEncoding as _};
use rsa::{pkcs1v15, pss};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::key_material::KeyMaterial;
use crate::explain::Explanation;
use crate::secret::Secret;

/// Microsoft asks for 5 to 10 minutes.
const LIFETIME: Duration = Duration::from_secs(10 * 60);

/// How an assertion is signed
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Algorithm {
    /// RSASSA-PSS, with the certificate named by its SHA-256 thumbprint
    Ps256,
    /// RSASSA-PKCS1-v1_5, with the certificate named by its SHA-1 thumbprint
    Rs256,
}

/// Makes and signs an assertion: `client_id` asks `audience` for a token.
///
/// # Errors
/// An [`Explanation`] where the host has no randomness or the key can't sign.
pub fn sign(
    material: &KeyMaterial,
    algorithm: Algorithm,
    with_chain: bool,
    client_id: &str,
    audience: &str,
    now: SystemTime,
) -> Result<Secret, Explanation> {
    let mut header = match algorithm {
        Algorithm::Ps256 => json!({
            "alg": "PS256",
            "typ": "JWT",
            "x5t#S256": BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(material.leaf())),
        }),
        Algorithm::Rs256 => json!({
            "alg": "RS256",
            "typ": "JWT",
            "x5t": BASE64_URL_SAFE_NO_PAD.encode(Sha1::digest(material.leaf())),
        }),
    };
    if with_chain {
        // Unlike the rest of a JWT, these are in the standard alphabet (RFC 7515 §4.1.6).
        header["x5c"] = material.certificates().map(|der| BASE64_STANDARD.encode(der)).collect();
    }
    let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let claims = json!({
        "aud": audience,
        "exp": seconds + LIFETIME.as_secs(),
        "iat": seconds,
        "iss": client_id,
        "jti": random_guid()?,
        "nbf": seconds,
        "sub": client_id,
    });
    let signed = format!("{}.{}", encode(&header), encode(&claims));
    let signature = match algorithm {
        Algorithm::Ps256 => {
            let key = pss::SigningKey::<Sha256>::new(material.key().clone());
            key.try_sign_with_rng(&mut randomness(), signed.as_bytes()).map(|signature| signature.to_vec())
        }
        Algorithm::Rs256 => {
            let key = pkcs1v15::SigningKey::<Sha256>::new(material.key().clone());
            key.try_sign_with_rng(&mut randomness(), signed.as_bytes()).map(|signature| signature.to_vec())
        }
    };
    let signature = signature.map_err(|_| {
        Explanation::new("the certificate's private key can't sign").advise("make a new key pair")
    })?;
    Ok(format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)).into())
}

/// The host's randomness. A host without it is told apart in [`random_guid`], before this is used.
fn randomness() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

fn encode(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A random GUID (RFC 9562, version 4)
fn random_guid() -> Result<String, Explanation> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|_| {
        Explanation::new("the host has no randomness").advise("run on a host with wasi:random")
    })?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]))
}
