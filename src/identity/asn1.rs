//! Walking through DER, element by element.

use rsa::pkcs8::der::asn1::{AnyRef, ObjectIdentifier};
use rsa::pkcs8::der::{Decode as _, Encode as _, Reader as _, SliceReader, Tag, TagNumber, Tagged as _};

use super::key_material::KeyError;

/// The one element that the bytes hold
pub fn whole(bytes: &[u8]) -> Result<AnyRef<'_>, KeyError> {
    AnyRef::from_der(bytes).map_err(|_| BROKEN)
}

/// The elements of a sequence, or of what stands in its place under a context tag
pub fn items(sequence: AnyRef<'_>) -> Result<Vec<AnyRef<'_>>, KeyError> {
    if !matches!(sequence.tag(), Tag::Sequence | Tag::ContextSpecific { number: TagNumber(0), .. }) {
        return Err(BROKEN);
    }
    let mut reader = SliceReader::new(sequence.value()).map_err(|_| BROKEN)?;
    let mut items = Vec::new();
    while !reader.is_finished() {
        items.push(reader.decode::<AnyRef<'_>>().map_err(|_| BROKEN)?);
    }
    Ok(items)
}

/// The bytes of an element, its head included
pub fn encoded(element: AnyRef<'_>) -> Result<Vec<u8>, KeyError> {
    element.to_der().map_err(|_| BROKEN)
}

/// An object identifier
pub fn identifier(element: AnyRef<'_>) -> Result<ObjectIdentifier, KeyError> {
    element.decode_as().map_err(|_| BROKEN)
}

/// Nothing that is written like this is PEM or PKCS#12.
pub const BROKEN: KeyError = KeyError::NeitherPemNorPfx;
