//! Text that is never printed.

use std::fmt;

/// A token, password, key or assertion
///
/// `Debug` and `Display` print `***`. The text itself is had by
/// [`Secret::expose`] alone, so that every place where a secret leaves the
/// program can be found by that name.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Secret(String);

impl Secret {
    /// The text. Its only rightful uses: a request to the host that it is for,
    /// a secret pipeline variable, a file that the user named, and stdout when
    /// `token --format json` asks for it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_format_shows_it() {
        let secret = Secret::from("hunter2");
        assert_eq!(format!("{secret} {secret:?} {:?}", Some(&secret)), "*** *** Some(***)");
    }
}
