//! A file that is written whole or not at all.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use crate::inputs::{Given, UsageError};

/// Writes the file under another name first, and then gives it its own.
///
/// # Errors
/// [`UsageError`] where the file can't be written; one that was there before is still as it was.
pub fn write(source: &str, path: &str, content: &str) -> Result<(), UsageError> {
    let unfinished = format!("{path}.unfinished");
    let result = put(&unfinished, content).and_then(|()| fs::rename(&unfinished, path));
    result.map_err(|error| {
        let _ = fs::remove_file(&unfinished);
        let because = match error.kind() {
            io::ErrorKind::NotFound => "its folder isn't there".to_owned(),
            kind => kind.to_string(),
        };
        UsageError::new(
            format!("`{source}`: the file `{path}` can't be written: {because}"),
            "name a file in a folder that can be written; a sandboxed run needs the folder given (`--dir`)",
        )
    })
}

/// Refuses a path that can't be one before anything is sent.
///
/// # Errors
/// [`UsageError`] for a folder's name.
pub fn check(given: &Given, path: &str) -> Result<(), UsageError> {
    if path.ends_with('/') || Path::new(path).is_dir() {
        return Err(UsageError::new(
            format!("`{}`: `{path}` is a folder", given.source),
            "give a file's name",
        ));
    }
    Ok(())
}

fn put(path: &str, content: &str) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()
}
