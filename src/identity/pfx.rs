//! PKCS#12 (RFC 7292), as far as a key with its certificates goes
//!
//! Libraries for this read whole certificates with all their extensions, which would take a third of the
//! component's size budget. What is cryptography here comes from libraries; what is left is walking through nested
//! structures. The file's MAC isn't verified: it protects nothing that the encryption and the match of key and
//! certificate don't show as well.

use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt as _, KeyInit, KeyIvInit as _, block_padding::Pkcs7};
use pkcs12::kdf::{Pkcs12KeyType, derive_key_utf8};
use rsa::pkcs8::der::asn1::{AnyRef, ObjectIdentifier};
use rsa::pkcs8::der::{Decode as _, Encode as _, Reader as _, SliceReader, Tag, TagNumber, Tagged as _};
use rsa::pkcs8::pkcs5::EncryptionScheme;
use sha1::Sha1;

use super::key_material::KeyError;

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const ENCRYPTED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.6");
const KEY_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.1");
const SHROUDED_KEY_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.2");
const CERTIFICATE_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.3");
const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
const SHA1_3DES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.3");
const SHA1_RC2_128: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.5");
const SHA1_RC2_40: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.6");

/// More rounds than any program writes; a file that asks for more would only keep this one busy.
const MOST_ROUNDS: i32 = 10_000_000;

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
        let [_version, auth_safe, ..] = items(whole(bytes)?)?[..] else { return Err(broken()) };
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
                    let [_version, info, ..] = items(data)?[..] else { return Err(broken()) };
                    let [_kind, algorithm, ciphertext] = items(info)?[..] else { return Err(broken()) };
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
            let [id, value, ..] = items(bag)?[..] else { return Err(broken()) };
            let value = whole(value.value())?;
            match identifier(id)? {
                KEY_BAG => self.keys.push(encoded(value)?),
                SHROUDED_KEY_BAG => {
                    let [algorithm, ciphertext] = items(value)?[..] else { return Err(broken()) };
                    self.keys.push(decrypt(algorithm, ciphertext.value(), password)?);
                }
                CERTIFICATE_BAG => {
                    // CertBag ::= SEQUENCE { certId, [0] OCTET STRING }
                    let [_kind, certificate] = items(value)?[..] else { return Err(broken()) };
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
    let [kind, content] = items(info)?[..] else { return Err(broken()) };
    Ok((identifier(kind)?, whole(content.value())?))
}

fn decrypt(algorithm: AnyRef<'_>, ciphertext: &[u8], password: Option<&str>) -> Result<Vec<u8>, KeyError> {
    let text = password.unwrap_or_default();
    let failed = if password.is_some() { KeyError::WrongPassword } else { KeyError::NoPassword };
    let [id, parameters] = items(algorithm)?[..] else { return Err(broken()) };
    match identifier(id)? {
        PBES2 => {
            let scheme = EncryptionScheme::try_from(encoded(algorithm)?.as_slice());
            let scheme = scheme.map_err(|_| KeyError::UnknownEncryption)?;
            scheme.decrypt(text, ciphertext).map_err(|_| failed)
        }
        SHA1_3DES => decrypt_cbc::<des::TdesEde3>(parameters, ciphertext, text, 24)?.ok_or(failed),
        SHA1_RC2_128 => decrypt_cbc::<rc2::Rc2>(parameters, ciphertext, text, 16)?.ok_or(failed),
        SHA1_RC2_40 => decrypt_cbc::<rc2::Rc2>(parameters, ciphertext, text, 5)?.ok_or(failed),
        _ => Err(KeyError::UnknownEncryption),
    }
}

/// The encryptions of RFC 7292's appendix C, whose parameters are salt and rounds
fn decrypt_cbc<C: BlockCipherDecrypt + KeyInit>(
    parameters: AnyRef<'_>,
    ciphertext: &[u8],
    password: &str,
    key_length: usize,
) -> Result<Option<Vec<u8>>, KeyError> {
    let [salt, rounds] = items(parameters)?[..] else { return Err(broken()) };
    let rounds: i32 = rounds.decode_as().map_err(|_| broken())?;
    if !(1..=MOST_ROUNDS).contains(&rounds) {
        return Err(KeyError::UnknownEncryption);
    }
    let derive = |kind, length| {
        derive_key_utf8::<Sha1>(password, salt.value(), kind, rounds, length)
            .map_err(|_| KeyError::WrongPassword)
    };
    let (key, iv) = (derive(Pkcs12KeyType::EncryptionKey, key_length)?, derive(Pkcs12KeyType::Iv, 8)?);
    let cipher = cbc::Decryptor::<C>::new_from_slices(&key, &iv).map_err(|_| broken())?;
    Ok(cipher.decrypt_padded_vec::<Pkcs7>(ciphertext).ok())
}

/// The one element that the bytes hold
pub(super) fn whole(bytes: &[u8]) -> Result<AnyRef<'_>, KeyError> {
    AnyRef::from_der(bytes).map_err(|_| broken())
}

/// The elements of a sequence, or of what stands in its place under a context tag
pub(super) fn items(sequence: AnyRef<'_>) -> Result<Vec<AnyRef<'_>>, KeyError> {
    if !matches!(sequence.tag(), Tag::Sequence | Tag::ContextSpecific { number: TagNumber(0), .. }) {
        return Err(broken());
    }
    let mut reader = SliceReader::new(sequence.value()).map_err(|_| broken())?;
    let mut items = Vec::new();
    while !reader.is_finished() {
        items.push(reader.decode::<AnyRef<'_>>().map_err(|_| broken())?);
    }
    Ok(items)
}

pub(super) fn encoded(element: AnyRef<'_>) -> Result<Vec<u8>, KeyError> {
    element.to_der().map_err(|_| broken())
}

fn identifier(element: AnyRef<'_>) -> Result<ObjectIdentifier, KeyError> {
    element.decode_as().map_err(|_| broken())
}

fn broken() -> KeyError {
    KeyError::NeitherPemNorPfx
}
