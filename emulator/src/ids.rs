//! Ids that look random and, under a fixed clock, aren't.

use ring::digest::{SHA256, digest};

/// A GUID that is a function of its parts.
pub(crate) fn guid(parts: &[&str]) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash(parts)[..16]);
    // Version 4, variant 1, as a random one would say.
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// Bytes that are a function of the parts.
pub(crate) fn hash(parts: &[&str]) -> Vec<u8> {
    digest(&SHA256, parts.join("\n").as_bytes()).as_ref().to_vec()
}
