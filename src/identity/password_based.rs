//! Password-based encryption, as private keys come in: PBES2 (RFC 8018) and the older forms of PKCS#12 (RFC 7292,
//! appendix C)
//!
//! The library for PBES2 brings scrypt, AES-GCM and more that no tool writes by default, 60 KB of them; this reads
//! what OpenSSL, Windows, Key Vault, Java and macOS write, and names the rest as unknown.

use aes::{Aes128, Aes256};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt as _, KeyInit, KeyIvInit as _};
use pbkdf2::pbkdf2_hmac;
use pkcs12::kdf::{Pkcs12KeyType, derive_key_utf8};
use rsa::pkcs8::der::asn1::{AnyRef, ObjectIdentifier};
use sha1::Sha1;
use sha2::Sha256;

use super::asn1::{identifier, items};
use super::key_material::KeyError;

const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
const PBKDF2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.12");
const HMAC_SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.7");
const HMAC_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.9");
const AES_128_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.2");
const AES_256_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.42");
const DES_EDE3_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.3.7");
const SHA1_3DES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.3");
const SHA1_RC2_128: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.5");
const SHA1_RC2_40: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.6");

/// More rounds than any tool writes; a file that asks for more would only keep this one busy.
const MOST_ROUNDS: u32 = 10_000_000;

/// Decrypts with the algorithm that stands before the ciphertext.
///
/// # Errors
/// [`KeyError`] where the algorithm isn't known, or the password is wrong or missing.
pub fn decrypt(
    algorithm: AnyRef<'_>,
    ciphertext: &[u8],
    password: Option<&str>,
) -> Result<Vec<u8>, KeyError> {
    let failed = if password.is_some() { KeyError::WrongPassword } else { KeyError::NoPassword };
    let password = password.unwrap_or_default();
    // AlgorithmIdentifier ::= SEQUENCE { algorithm, parameters }
    let [id, parameters] = items(algorithm)?[..] else { return Err(KeyError::UnknownEncryption) };
    let plaintext = match identifier(id)? {
        PBES2 => pbes2(parameters, ciphertext, password)?,
        SHA1_3DES => pkcs12::<des::TdesEde3>(parameters, ciphertext, password, 24)?,
        SHA1_RC2_128 => pkcs12::<rc2::Rc2>(parameters, ciphertext, password, 16)?,
        SHA1_RC2_40 => pkcs12::<rc2::Rc2>(parameters, ciphertext, password, 5)?,
        _ => return Err(KeyError::UnknownEncryption),
    };
    plaintext.ok_or(failed)
}

/// PBES2-params ::= SEQUENCE { keyDerivationFunc, encryptionScheme }
fn pbes2(parameters: AnyRef<'_>, ciphertext: &[u8], password: &str) -> Result<Option<Vec<u8>>, KeyError> {
    let unknown = KeyError::UnknownEncryption;
    let [derivation, scheme] = items(parameters)?[..] else { return Err(unknown) };
    let [derivation_id, derivation] = items(derivation)?[..] else { return Err(unknown) };
    let [scheme_id, iv] = items(scheme)?[..] else { return Err(unknown) };
    if identifier(derivation_id)? != PBKDF2 {
        return Err(unknown);
    }
    // PBKDF2-params ::= SEQUENCE { salt, iterationCount, keyLength OPTIONAL, prf DEFAULT hmacWithSHA1 }
    let derivation = items(derivation)?;
    let [salt, rounds, ref rest @ ..] = derivation[..] else { return Err(unknown) };
    let rounds = round_count(rounds)?;
    let prf = match rest.last().map(|last| items(*last)) {
        Some(Ok(prf)) => identifier(*prf.first().ok_or(unknown)?)?,
        _ => HMAC_SHA1,
    };
    let derive = |length: usize| {
        let mut key = vec![0; length];
        match prf {
            HMAC_SHA1 => pbkdf2_hmac::<Sha1>(password.as_bytes(), salt.value(), rounds, &mut key),
            HMAC_SHA256 => pbkdf2_hmac::<Sha256>(password.as_bytes(), salt.value(), rounds, &mut key),
            _ => return Err(unknown),
        }
        Ok(key)
    };
    match identifier(scheme_id)? {
        AES_128_CBC => cbc_decrypt::<Aes128>(&derive(16)?, iv.value(), ciphertext),
        AES_256_CBC => cbc_decrypt::<Aes256>(&derive(32)?, iv.value(), ciphertext),
        DES_EDE3_CBC => cbc_decrypt::<des::TdesEde3>(&derive(24)?, iv.value(), ciphertext),
        _ => Err(unknown),
    }
}

/// pkcs-12PbeParams ::= SEQUENCE { salt, iterations }
fn pkcs12<C: BlockCipherDecrypt + KeyInit>(
    parameters: AnyRef<'_>,
    ciphertext: &[u8],
    password: &str,
    key_length: usize,
) -> Result<Option<Vec<u8>>, KeyError> {
    let [salt, rounds] = items(parameters)?[..] else { return Err(KeyError::UnknownEncryption) };
    let rounds = i32::try_from(round_count(rounds)?).map_err(|_| KeyError::UnknownEncryption)?;
    let derive = |kind, length| {
        derive_key_utf8::<Sha1>(password, salt.value(), kind, rounds, length)
            .map_err(|_| KeyError::WrongPassword)
    };
    let (key, iv) = (derive(Pkcs12KeyType::EncryptionKey, key_length)?, derive(Pkcs12KeyType::Iv, 8)?);
    cbc_decrypt::<C>(&key, &iv, ciphertext)
}

/// `None` where the padding shows that the key is wrong
fn cbc_decrypt<C: BlockCipherDecrypt + KeyInit>(
    key: &[u8],
    iv: &[u8],
    ciphertext: &[u8],
) -> Result<Option<Vec<u8>>, KeyError> {
    let cipher = cbc::Decryptor::<C>::new_from_slices(key, iv).map_err(|_| KeyError::UnknownEncryption)?;
    Ok(cipher.decrypt_padded_vec::<Pkcs7>(ciphertext).ok())
}

fn round_count(element: AnyRef<'_>) -> Result<u32, KeyError> {
    let rounds = element.decode_as().map_err(|_| KeyError::UnknownEncryption)?;
    if (1..=MOST_ROUNDS).contains(&rounds) { Ok(rounds) } else { Err(KeyError::UnknownEncryption) }
}
