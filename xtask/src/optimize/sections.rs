//! The sections of a component, taken apart and put together again.

use anyhow::{Context, Result, ensure};
use wasmparser::BinaryReader;

/// `\0asm`, then version 13 in the layer of components.
const PREAMBLE: [u8; 8] = *b"\0asm\x0d\0\x01\0";
const CUSTOM: u8 = 0;
const CORE_MODULE: u8 = 1;

struct Section<'a> {
    id: u8,
    content: &'a [u8],
}

/// The component with its largest core module replaced, which is where the program is: the others
/// only tie it to its imports.
///
/// Its custom sections go: they name the inner parts for those who look at a component, 1 % of it.
pub(super) fn rebuild(component: &[u8], replace: impl FnOnce(&[u8]) -> Result<Vec<u8>>) -> Result<Vec<u8>> {
    let sections = read(component).context("the component can't be taken apart")?;
    let largest = sections
        .iter()
        .enumerate()
        .filter(|(_, section)| section.id == CORE_MODULE)
        .max_by_key(|(_, section)| section.content.len());
    let (program, section) = largest.context("the component has no core module")?;
    let replaced = replace(section.content)?;

    let mut rebuilt = PREAMBLE.to_vec();
    for (index, section) in sections.iter().enumerate() {
        let content = if index == program { &replaced } else { section.content };
        if section.id != CUSTOM {
            rebuilt.push(section.id);
            write_length(&mut rebuilt, u32::try_from(content.len())?);
            rebuilt.extend(content);
        }
    }
    Ok(rebuilt)
}

fn read(component: &[u8]) -> Result<Vec<Section<'_>>> {
    let mut reader = BinaryReader::new(component, 0);
    ensure!(reader.read_bytes(PREAMBLE.len())? == PREAMBLE, "it doesn't begin as a component does");
    let mut sections = Vec::new();
    while !reader.eof() {
        let id = reader.read_u8()?;
        let length = reader.read_var_u32()? as usize;
        sections.push(Section { id, content: reader.read_bytes(length)? });
    }
    Ok(sections)
}

/// LEB128: seven bits a byte, the lowest first; the highest bit says that more follow.
fn write_length(bytes: &mut Vec<u8>, mut length: u32) {
    while length >= 0x80 {
        bytes.push(length as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
}

#[cfg(test)]
mod tests {
    use wit_parser::decoding::decode;

    use super::*;

    /// An empty core module.
    const MODULE: &[u8] = b"\0asm\x01\0\0\0";
    /// The same with a custom section: type, length, length of the name, name, one byte.
    const LARGER: &[u8] = b"\0asm\x01\0\0\0\x00\x03\x01n!";
    /// A component's custom section.
    const NOTE: &[u8] = b"\x00\x05\x04note";

    fn component(parts: &[&[u8]]) -> Vec<u8> {
        [&PREAMBLE[..], &parts.concat()].concat()
    }

    fn module(content: &[u8]) -> Vec<u8> {
        [&[CORE_MODULE, content.len() as u8][..], content].concat()
    }

    #[test]
    fn the_largest_module_is_replaced_and_the_rest_kept() {
        let before = component(&[&module(MODULE), NOTE, &module(LARGER), &module(MODULE)]);
        let after = rebuild(&before, |core| {
            assert_eq!(core, LARGER);
            Ok(MODULE.to_vec())
        });
        let after = after.unwrap();
        assert_eq!(after, component(&[&module(MODULE), &module(MODULE), &module(MODULE)]));
        decode(&after).unwrap();
    }

    #[test]
    fn a_length_of_more_than_one_byte_is_written_and_read_back() {
        let note = [b'n'; 300];
        // The section is 302 bytes long, the module 313.
        let large = [MODULE, b"\x00\xae\x02\x01n", &note].concat();
        let after = rebuild(&component(&[&module(MODULE)]), |_| Ok(large.clone())).unwrap();
        assert_eq!(after[8..11], [CORE_MODULE, 0xb9, 0x02]);
        decode(&after).unwrap();
        let back = rebuild(&after, |core| {
            assert_eq!(core, large);
            Ok(MODULE.to_vec())
        });
        assert_eq!(back.unwrap(), component(&[&module(MODULE)]));
    }

    #[test]
    fn what_is_no_component_or_cut_off_is_refused() {
        let refused = |bytes: &[u8]| rebuild(bytes, |core| Ok(core.to_vec())).is_err();
        let whole = component(&[&module(MODULE)]);
        assert!(!refused(&whole));
        assert!(refused(&whole[..whole.len() - 1]));
        assert!(refused(&component(&[])));
        assert!(refused(MODULE));
    }
}
