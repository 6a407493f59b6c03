//! The .vsix is a zip file. tfx writes the time of day into it, and its entries in the order in which it happened to
//! read the files: here it becomes the same file for the same contents.

use anyhow::{Context, Result, bail, ensure};

const END: &[u8] = b"PK\x05\x06";
const CENTRAL: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";

/// The sizes of the headers, without names and extra fields.
const END_SIZE: usize = 22;
const CENTRAL_SIZE: usize = 46;
const LOCAL_SIZE: usize = 30;

/// 1980-01-01, 00:00: the first moment that a zip file can tell.
const EPOCH: [u8; 4] = [0, 0, 0x21, 0];

/// Its sizes stand behind an entry's data and not before it: tfx doesn't write such ones.
const STREAMED: u16 = 1 << 3;

struct Entry {
    name: Vec<u8>,
    central: Vec<u8>,
    /// With the data behind it.
    local: Vec<u8>,
}

/// The same archive, its entries in the order of their names, each of the same time.
pub(super) fn normalized(archive: &[u8]) -> Result<Vec<u8>> {
    let mut entries = entries(archive).context("tfx has written a zip file of an unexpected kind")?;
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    let mut written = Vec::with_capacity(archive.len());
    let mut directory = Vec::new();
    for entry in &mut entries {
        entry.local[10..14].copy_from_slice(&EPOCH);
        entry.central[12..16].copy_from_slice(&EPOCH);
        entry.central[42..46].copy_from_slice(&size(&written)?);
        written.extend_from_slice(&entry.local);
        directory.extend_from_slice(&entry.central);
    }
    let count = u16::try_from(entries.len())?.to_le_bytes();
    let mut end = Vec::from(END);
    end.extend_from_slice(&[0; 4]);
    end.extend_from_slice(&count);
    end.extend_from_slice(&count);
    end.extend_from_slice(&size(&directory)?);
    end.extend_from_slice(&size(&written)?);
    end.extend_from_slice(&[0; 2]);
    written.extend_from_slice(&directory);
    written.extend_from_slice(&end);
    Ok(written)
}

fn entries(archive: &[u8]) -> Result<Vec<Entry>> {
    // Without a comment, the end has one size.
    let end = part(archive, archive.len().checked_sub(END_SIZE).context("it is too short")?, END_SIZE)?;
    ensure!(end.starts_with(END), "it has a comment at its end");
    let mut at = number(end, 16)?;
    let mut entries = Vec::new();
    for _ in 0..short(end, 10)? {
        let header = part(archive, at, CENTRAL_SIZE)?;
        ensure!(header.starts_with(CENTRAL), "its directory is broken");
        let variable = [28, 30, 32].map(|field| short(header, field).map(usize::from));
        let [name, extra, comment] = variable;
        let (name, extra, comment) = (name?, extra?, comment?);
        let central = part(archive, at, CENTRAL_SIZE + name + extra + comment)?;
        at += central.len();
        if short(header, 8)? & STREAMED != 0 {
            bail!("an entry's size isn't told before it");
        }
        let start = number(header, 42)?;
        let local = part(archive, start, LOCAL_SIZE)?;
        ensure!(local.starts_with(LOCAL), "an entry isn't where the directory says");
        let before = LOCAL_SIZE + usize::from(short(local, 26)?) + usize::from(short(local, 28)?);
        let local = part(archive, start, before + number(header, 20)?)?;
        entries.push(Entry {
            name: part(central, CENTRAL_SIZE, name)?.to_vec(),
            central: central.to_vec(),
            local: local.to_vec(),
        });
    }
    Ok(entries)
}

fn part(bytes: &[u8], start: usize, length: usize) -> Result<&[u8]> {
    bytes.get(start..).and_then(|rest| rest.get(..length)).context("it is cut off")
}

fn short(header: &[u8], at: usize) -> Result<u16> {
    Ok(u16::from_le_bytes(part(header, at, 2)?.try_into()?))
}

fn number(header: &[u8], at: usize) -> Result<usize> {
    Ok(u32::from_le_bytes(part(header, at, 4)?.try_into()?).try_into()?)
}

fn size(bytes: &[u8]) -> Result<[u8; 4]> {
    Ok(u32::try_from(bytes.len())?.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive of stored entries, as tfx could write it at some time of day.
    fn archive(entries: &[(&str, &str)], time: [u8; 4]) -> Vec<u8> {
        let mut archive = Vec::new();
        let mut directory = Vec::new();
        for (name, data) in entries {
            let start = size(&archive).unwrap();
            let (length, name_length) = (size(data.as_bytes()).unwrap(), name.len() as u8);
            let common =
                [&[10, 0, 0, 0, 0, 0][..], &time, &[0; 4], &length, &length, &[name_length, 0, 0, 0]];
            let common = common.concat();
            archive.extend([LOCAL, &common, name.as_bytes(), data.as_bytes()].concat());
            directory.extend([CENTRAL, &[20, 0], &common, &[0; 10], &start, name.as_bytes()].concat());
        }
        let count = [entries.len() as u8, 0];
        let (length, start) = (size(&directory).unwrap(), size(&archive).unwrap());
        archive.extend(directory);
        archive.extend([END, &[0; 4], &count, &count, &length, &start, &[0; 2]].concat());
        archive
    }

    #[test]
    fn neither_time_nor_order_is_left() {
        let one = archive(&[("a", "first"), ("b/c", "")], EPOCH);
        let other = archive(&[("b/c", ""), ("a", "first")], [1, 2, 3, 4]);
        assert_ne!(one, other);
        assert_eq!(normalized(&one).unwrap(), one);
        assert_eq!(normalized(&other).unwrap(), one);
    }

    #[test]
    fn what_is_no_archive_is_refused() {
        let whole = archive(&[("a", "first")], EPOCH);
        for length in 0..whole.len() {
            assert!(normalized(&whole[..length]).is_err(), "{length}");
        }
    }
}
