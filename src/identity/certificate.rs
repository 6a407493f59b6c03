//! A certificate (RFC 5280), as far as its key and its end go.

use std::time::SystemTime;

use rsa::pkcs8::der::{Tag, TagNumber, Tagged as _};

use super::asn1::{encoded, items, whole};
use crate::moment::read_timestamp;

/// What is of interest of a certificate
pub struct Certificate {
    /// Its public key (SubjectPublicKeyInfo), in DER
    pub public_key: Vec<u8>,
    /// When it ends
    pub not_after: Option<SystemTime>,
}

impl Certificate {
    /// Reads a certificate in DER; `None` where it is none.
    pub fn read(der: &[u8]) -> Option<Self> {
        let to_be_signed = *items(whole(der).ok()?).ok()?.first()?;
        let mut fields = items(to_be_signed).ok()?.into_iter().peekable();
        // [0] version OPTIONAL
        if matches!(fields.peek()?.tag(), Tag::ContextSpecific { number: TagNumber(0), .. }) {
            fields.next();
        }
        // serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo
        let (_serial, _signature, _issuer) = (fields.next()?, fields.next()?, fields.next()?);
        let (validity, _subject, public_key) = (fields.next()?, fields.next()?, fields.next()?);
        let [_not_before, not_after] = items(validity).ok()?[..] else { return None };
        let not_after = std::str::from_utf8(not_after.value()).ok().and_then(instant);
        Some(Self { public_key: encoded(public_key).ok()?, not_after })
    }
}

/// `YYMMDDHHMMSSZ` for the years 1950 to 2049, `YYYYMMDDHHMMSSZ` for all
fn instant(text: &str) -> Option<SystemTime> {
    let digits = text.strip_suffix('Z').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let digits = match digits.len() {
        12 if digits < "50" => format!("20{digits}"),
        12 => format!("19{digits}"),
        14 => digits.to_owned(),
        _ => return None,
    };
    let part = |from: usize| &digits[from..from + 2];
    read_timestamp(&format!(
        "{}-{}-{}T{}:{}:{}Z",
        &digits[..4],
        part(4),
        part(6),
        part(8),
        part(10),
        part(12)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_read_in_both_forms() {
        let expected = read_timestamp("2049-12-31T23:59:58Z");
        assert_eq!(instant("491231235958Z"), expected);
        assert_eq!(instant("20491231235958Z"), expected);
        assert_eq!(instant("99991231235959Z"), read_timestamp("9999-12-31T23:59:59Z"));
        assert_eq!(instant("4912312359Z"), None);
        assert_eq!(instant("4912312359ä8Z"), None);
    }
}
