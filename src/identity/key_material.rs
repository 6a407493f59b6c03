//! A certificate and its private key, from PEM or PKCS#12.

use std::fmt;
use std::time::SystemTime;

use pem_rfc7468::decode_vec;
use rsa::PrivateKey;
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::pkcs8::{DecodePrivateKey as _, EncodePublicKey as _};
use sha1::Sha1;
use sha2::Digest as _;

use super::asn1::{items, whole};
use super::certificate::Certificate;
use super::password_based::decrypt;
use super::pfx::Pfx;
use crate::secret::Secret;

/// A private key, its certificate, and the certificates that came with it
pub struct KeyMaterial {
    key: PrivateKey,
    /// DER; the key's own certificate first
    certificates: Vec<Vec<u8>>,
    not_after: Option<SystemTime>,
}

impl KeyMaterial {
    /// Reads PEM text or a PFX file, told apart by their shape.
    ///
    /// # Errors
    /// [`KeyError`] where no RSA key with its certificate can be had from it.
    pub fn read(bytes: &[u8], password: Option<&Secret>) -> Result<Self, KeyError> {
        let (key, certificates) = match std::str::from_utf8(bytes) {
            Ok(text) if text.contains("-----BEGIN ") => from_pem(text, password)?,
            _ => from_pfx(bytes, password)?,
        };
        Self::new(key, certificates)
    }

    fn new(key: PrivateKey, mut certificates: Vec<Vec<u8>>) -> Result<Self, KeyError> {
        if certificates.is_empty() {
            return Err(KeyError::NoCertificate);
        }
        let public_key = key.to_public_key().to_public_key_der().map_err(|_| KeyError::NotRsa)?;
        let own = certificates.iter().enumerate().find_map(|(index, der)| {
            let certificate = Certificate::read(der)?;
            (certificate.public_key == public_key.as_bytes()).then_some((index, certificate))
        });
        let (index, Certificate { not_after, .. }) = own.ok_or(KeyError::Mismatch)?;
        let own = certificates.remove(index);
        certificates.insert(0, own);
        Ok(Self { key, certificates, not_after })
    }

    /// The private key
    pub fn key(&self) -> &PrivateKey {
        &self.key
    }

    /// The key's certificate, in DER
    pub fn leaf(&self) -> &[u8] {
        self.certificates.first().map_or(&[], Vec::as_slice)
    }

    /// All certificates, in DER, the key's own first
    pub fn certificates(&self) -> impl Iterator<Item = &[u8]> {
        self.certificates.iter().map(Vec::as_slice)
    }

    /// The SHA-1 thumbprint in hexadecimal, as the portal shows it
    pub fn thumbprint(&self) -> String {
        Sha1::digest(self.leaf()).iter().map(|byte| format!("{byte:02X}")).collect()
    }

    /// When the certificate ends
    pub fn not_after(&self) -> Option<SystemTime> {
        self.not_after
    }
}

type Parts = (PrivateKey, Vec<Vec<u8>>);

fn from_pem(text: &str, password: Option<&Secret>) -> Result<Parts, KeyError> {
    let mut key = None;
    let mut certificates = Vec::new();
    for block in pem_blocks(text) {
        let (label, der) = match decode_vec(block.as_bytes()) {
            Ok((label, der)) => (label, der),
            Err(_) if block.contains("Proc-Type:") => return Err(KeyError::LegacyEncryption),
            Err(_) => return Err(KeyError::BrokenPem),
        };
        key = match label {
            "CERTIFICATE" => {
                certificates.push(der);
                continue;
            }
            "PRIVATE KEY" => Some(PrivateKey::from_pkcs8_der(&der).map_err(|_| KeyError::NotRsa)?),
            "RSA PRIVATE KEY" => Some(PrivateKey::from_pkcs1_der(&der).map_err(|_| KeyError::NotRsa)?),
            "ENCRYPTED PRIVATE KEY" => {
                // EncryptedPrivateKeyInfo ::= SEQUENCE { algorithm, ciphertext }
                let [algorithm, ciphertext] = items(whole(&der)?)?[..] else {
                    return Err(KeyError::BrokenPem);
                };
                let der = decrypt(algorithm, ciphertext.value(), password.map(Secret::expose))?;
                // Data that was decrypted with a wrong password, and whose padding fits by chance, is no sequence.
                whole(&der).and_then(items).map_err(|_| KeyError::WrongPassword)?;
                Some(PrivateKey::from_pkcs8_der(&der).map_err(|_| KeyError::NotRsa)?)
            }
            "EC PRIVATE KEY" => return Err(KeyError::NotRsa),
            _ => continue,
        };
    }
    Ok((key.ok_or(KeyError::NoKey)?, certificates))
}

/// The blocks from `-----BEGIN X-----` to `-----END X-----`; text between them is allowed
fn pem_blocks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.find("-----BEGIN ")?;
        let end_mark = start + rest[start..].find("-----END ")?;
        let after_mark = end_mark + "-----END ".len();
        let end = rest[after_mark..].find("-----").map_or(rest.len(), |dashes| after_mark + dashes + 5);
        let block = &rest[start..end];
        rest = &rest[end..];
        Some(block)
    })
}

fn from_pfx(bytes: &[u8], password: Option<&Secret>) -> Result<Parts, KeyError> {
    let Pfx { keys, certificates } = Pfx::open(bytes, password.map(Secret::expose))?;
    let key = keys.first().ok_or(KeyError::NoKey)?;
    Ok((PrivateKey::from_pkcs8_der(key).map_err(|_| KeyError::NotRsa)?, certificates))
}

/// Why no key could be had
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyError {
    /// A PEM block can't be decoded.
    BrokenPem,
    /// A PEM key is encrypted in OpenSSL's old way.
    LegacyEncryption,
    /// No certificate belongs to the key.
    Mismatch,
    /// The bytes are neither PEM text nor PKCS#12.
    NeitherPemNorPfx,
    /// There is a key, but no certificate.
    NoCertificate,
    /// There is no private key.
    NoKey,
    /// The key is encrypted, and no password was given.
    NoPassword,
    /// The key is no RSA key.
    NotRsa,
    /// The encryption isn't known here.
    UnknownEncryption,
    /// The password doesn't open it.
    WrongPassword,
}

impl KeyError {
    /// What would be right
    pub fn advice(self) -> &'static str {
        match self {
            Self::BrokenPem => {
                "give the file as it was made, its line breaks included; a variable needs real line breaks too"
            }
            Self::LegacyEncryption => {
                "convert the key: `openssl pkcs8 -topk8 -v2 aes256 -in OLD.pem -out NEW.pem`"
            }
            Self::Mismatch => "put the key and its own certificate into one file",
            Self::NeitherPemNorPfx => "give a PEM file with certificate and private key, or a PFX file",
            Self::NoCertificate => "put the certificate into the same file: `cat key.pem certificate.pem`",
            Self::NoKey => "put the private key into the same file, or export the PFX with its private key",
            Self::NoPassword => "give its password by the variable `AZURE_CLIENT_CERTIFICATE_PASSWORD`",
            Self::NotRsa => {
                "Entra ID takes RSA keys for client assertions: make an RSA key of 2048 bits or more"
            }
            Self::UnknownEncryption => {
                "export it again with AES-256: `openssl pkcs12 -export -in FILE.pem -out FILE.pfx`"
            }
            Self::WrongPassword => "check the variable `AZURE_CLIENT_CERTIFICATE_PASSWORD`",
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BrokenPem => "the PEM text is broken",
            Self::LegacyEncryption => "the private key is encrypted in OpenSSL's old way",
            Self::Mismatch => "no certificate in it belongs to the private key",
            Self::NeitherPemNorPfx => "it is neither PEM text nor a PFX file",
            Self::NoCertificate => "there is no certificate in it",
            Self::NoKey => "there is no private key in it",
            Self::NoPassword => "it is encrypted, and there is no password",
            Self::NotRsa => "its private key is no RSA key",
            Self::UnknownEncryption => "its encryption isn't known here",
            Self::WrongPassword => "the password doesn't open it",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The demo scenario's, a secret of nobody
    const PASSWORD: &str = "demo-certificate-password-5b1e";

    fn read(file: &str, password: Option<&str>) -> Result<KeyMaterial, KeyError> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/emulator/scenarios/demo/certificates/");
        let bytes = std::fs::read(format!("{folder}{file}")).expect("a file of the scenario");
        KeyMaterial::read(&bytes, password.map(Secret::from).as_ref())
    }

    fn error(file: &str, password: Option<&str>) -> Option<KeyError> {
        read(file, password).err()
    }

    #[test]
    fn every_form_gives_the_same_key() {
        let thumbprint = read("lifeguard.pem", None).expect("key material").thumbprint();
        for (file, password) in [
            ("lifeguard-pkcs1.pem", None),
            ("lifeguard-encrypted.pem", Some(PASSWORD)),
            ("lifeguard.pfx", Some(PASSWORD)),
            ("lifeguard-legacy.pfx", Some(PASSWORD)),
        ] {
            let material = read(file, password).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert_eq!(material.thumbprint(), thumbprint, "{file}");
            assert!(material.not_after().is_some(), "{file}");
        }
    }

    #[test]
    fn a_wrong_or_missing_password_is_told_apart() {
        for file in ["lifeguard-encrypted.pem", "lifeguard.pfx", "lifeguard-legacy.pfx"] {
            assert_eq!(error(file, Some("wrong")), Some(KeyError::WrongPassword), "{file}");
            assert_eq!(error(file, None), Some(KeyError::NoPassword), "{file}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(error("lifeguard-public.pem", None), Some(KeyError::NoKey));
        let read = |text: &str| KeyMaterial::read(text.as_bytes(), None).err();
        assert_eq!(read("no key at all"), Some(KeyError::NeitherPemNorPfx));
        assert_eq!(
            read("-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----\n"),
            Some(KeyError::BrokenPem)
        );
        assert_eq!(
            read("-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"),
            Some(KeyError::NotRsa)
        );
    }

    #[test]
    fn broken_files_are_refused_without_a_panic() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/emulator/scenarios/demo/certificates/");
        let whole = std::fs::read(format!("{folder}lifeguard.pfx")).expect("a file of the scenario");
        for length in (0..whole.len()).step_by(7) {
            assert!(KeyMaterial::read(&whole[..length], Some(&PASSWORD.into())).is_err(), "{length}");
        }
        for index in (0..whole.len()).step_by(11) {
            let mut bytes = whole.clone();
            bytes[index] ^= 0x55;
            let _ = KeyMaterial::read(&bytes, Some(&PASSWORD.into()));
        }
    }
}
