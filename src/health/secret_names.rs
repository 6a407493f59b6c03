//! Names of variables that look as if they held secrets.

/// Words that a secret's name has
const WORDS: &[&str] = &[
    "apikey",
    "credential",
    "credentials",
    "passphrase",
    "passwd",
    "password",
    "pat",
    "pwd",
    "sas",
    "secret",
    "token",
];

/// Pairs of words that a secret's name has
const PAIRS: &[(&str, &str)] = &[
    ("access", "key"),
    ("account", "key"),
    ("api", "key"),
    ("connection", "string"),
    ("encryption", "key"),
    ("private", "key"),
    ("signing", "key"),
    ("storage", "key"),
];

/// Words at the end by which a name says that it holds something about a secret: where it is, how long it lives
const ABOUT: &[&str] = &[
    "dir", "endpoint", "expiry", "file", "folder", "id", "issuer", "length", "name", "path", "url", "uri",
    "version",
];

/// Whether the name looks as if its value were a secret
pub fn looks_secret(name: &str) -> bool {
    let words = words(name);
    let is_about = words.last().is_some_and(|last| ABOUT.contains(&last.as_str()));
    // The shell's own variables of where one is
    if is_about || matches!(name, "PWD" | "OLDPWD") {
        return false;
    }
    // What an app in Azure proves itself with to its managed identity endpoint
    if name.eq_ignore_ascii_case("IDENTITY_HEADER") {
        return true;
    }
    words.iter().any(|word| {
        WORDS.contains(&word.as_str())
            || ["password", "secret", "token"].iter().any(|end| word.ends_with(end))
    }) || words.windows(2).any(|pair| PAIRS.contains(&(pair[0].as_str(), pair[1].as_str())))
}

/// `DEPLOY_TOKEN` and `deployToken` have two words each.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before_is_lower = false;
    for character in name.chars() {
        let begins = character.is_uppercase() && before_is_lower;
        if !character.is_alphanumeric() || begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| character.is_alphanumeric()) {
            word.extend(character.to_lowercase());
        }
        before_is_lower = character.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_from_what_is_about_them() {
        for name in [
            "AZP_TOKEN",
            "DB_PASSWORD",
            "NPM_TOKEN",
            "dbPassword",
            "SONAR_API_KEY",
            "AWS_SECRET_ACCESS_KEY",
            "STORAGE_CONNECTION_STRING",
            "MYSQL_PWD",
            "GITHUB_PAT",
            "ARM_CLIENT_SECRET",
            "DOCKERPASSWORD",
            "BLOB_SAS",
            "IDENTITY_HEADER",
            "NPMTOKEN",
        ] {
            assert!(looks_secret(name), "{name}");
        }
        for name in [
            "PWD",
            "OLDPWD",
            "PATH",
            "AZP_TOKEN_FILE",
            "ARM_CLIENT_SECRET_PATH",
            "JAVA_HOME",
            "GPG_KEY",
            "Agent.OS",
            "KEYMAP",
            "TOKENIZERS_PARALLELISM",
            "COMPASS",
            "PATTERN",
            "SSH_AUTH_SOCK",
            "SECRET_NAME",
            "maven",
            "PASSAGE",
            "API_KEY_ID",
            "TOKEN_ENDPOINT",
        ] {
            assert!(!looks_secret(name), "{name}");
        }
    }
}
