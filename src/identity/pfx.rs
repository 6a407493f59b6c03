//! PKCS#12 (RFC 7292), as far as a key with its certificates goes
//!
//! Libraries for this read whole certificates with all their extensions, which would take a third of the
//! component's size budget. What is cryptography here comes from libraries; what is left is walking through nested
//! structures. The file's MAC isn't verified: it protects nothing that the encryption and the match of key and
//! certificate don't show as well.

use rsa::pkcs8::der::asn1::{AnyRef, ObjectIdentifier};

use super::asn1::{BROKEN, encoded, identifier, items, whole};
use super::key_material::KeyError;
use super::password_based::decrypt;

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const ENCRYPTED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.6");
const KEY_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.1");
const SHROUDED_KEY_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.2");
const CERTIFICATE_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.3");

/// What a PFX file holds, in DER
#[derive(Default)]
pub struct Pfx {
    /// Private keys (PKCS#8)
    pub keys: Vec<Vec<u8>>,
    /// Certificates
    pub certificates: Vec<Vec<u8>>,
}

impl Pfx {
    /// Opens a PFX file.
    ///
    /// # Errors
    /// [`KeyError`] where it is none, or the password doesn't open it.
    pub fn open(bytes: &[u8], password: Option<&str>) -> Result<Self, KeyError> {
        let mut pfx = Self::default();
        // PFX ::= SEQUENCE { version, authSafe ContentInfo, macData OPTIONAL }
        let [_version, auth_safe, ..] = items(whole(bytes)?)?[..] else { return Err(BROKEN) };
        let (kind, safe) = content(auth_safe)?;
        if kind != DATA {
            return Err(KeyError::UnknownEncryption);
        }
        // AuthenticatedSafe ::= SEQUENCE OF ContentInfo
        for part in items(whole(safe.value())?)? {
            match content(part)? {
                (DATA, bags) => pfx.take(bags.value(), password)?,
                (ENCRYPTED_DATA, data) => {
                    // EncryptedData ::= SEQUENCE { version, SEQUENCE { type, algorithm, [0] ciphertext } }
                    let [_version, info, ..] = items(data)?[..] else { return Err(BROKEN) };
                    let [_kind, algorithm, ciphertext] = items(info)?[..] else { return Err(BROKEN) };
                    pfx.take(&decrypt(algorithm, ciphertext.value(), password)?, password)?;
                }
                _ => return Err(KeyError::UnknownEncryption),
            }
        }
        Ok(pfx)
    }

    /// SafeContents ::= SEQUENCE OF SEQUENCE { bagId, [0] bagValue, attributes OPTIONAL }
    fn take(&mut self, bags: &[u8], password: Option<&str>) -> Result<(), KeyError> {
        // Data that was decrypted with a wrong password reads as nothing.
        let bags = whole(bags).and_then(items).map_err(|_| KeyError::WrongPassword)?;
        for bag in bags {
            let [id, value, ..] = items(bag)?[..] else { return Err(BROKEN) };
            let value = whole(value.value())?;
            match identifier(id)? {
                KEY_BAG => self.keys.push(encoded(value)?),
                SHROUDED_KEY_BAG => {
                    let [algorithm, ciphertext] = items(value)?[..] else { return Err(BROKEN) };
                    self.keys.push(decrypt(algorithm, ciphertext.value(), password)?);
                }
                CERTIFICATE_BAG => {
                    // CertBag ::= SEQUENCE { certId, [0] OCTET STRING }
                    let [_kind, certificate] = items(value)?[..] else { return Err(BROKEN) };
                    self.certificates.push(whole(certificate.value())?.value().to_vec());
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// ContentInfo ::= SEQUENCE { contentType, [0] content }
fn content(info: AnyRef<'_>) -> Result<(ObjectIdentifier, AnyRef<'_>), KeyError> {
    let [kind, content] = items(info)?[..] else { return Err(BROKEN) };
    Ok((identifier(kind)?, whole(content.value())?))
}
