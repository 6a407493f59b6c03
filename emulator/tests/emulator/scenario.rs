//! Reading scenarios.

use std::fs;

use lifeguard_emulator::Scenario;
use tempfile::TempDir;

use crate::client::demo;

#[test]
fn secrets_are_complete() {
    let scenario = demo();
    let secrets = scenario.secrets();
    let text = fs::read_to_string(scenario.folder.join("scenario.json")).unwrap();
    for marker in [
        "demo-secret-lifeguard~",
        "demo-identity-header-",
        "demo-msi-secret-",
        "demo-job-access-token-",
        "demo-github-request-token-",
        "demo-certificate-password-",
        "demopat7ada4full",
    ] {
        assert!(text.contains(marker), "{marker}");
        assert!(secrets.iter().any(|secret| secret.starts_with(marker)), "{marker}");
    }
    let key = fs::read_to_string(scenario.folder.join("certificates/lifeguard.pem")).unwrap();
    let line = key.lines().rev().nth(3).unwrap();
    assert!(secrets.iter().any(|secret| secret == line));
    // A certificate isn't a secret.
    assert!(!secrets.iter().any(|secret| Some(secret.as_str()) == key.lines().nth(1)));
}

#[test]
fn errors_name_file_and_field() {
    let minimal = r#"{"now":"2026-11-02T09:00:00Z","organization":{"name":"c","id":"i","tenant":"t"},
        "tenants":[{"id":"t","domain":"d.example","displayName":"T"}]PLUS}"#;
    for (plus, file, expected) in [
        (r#","identitys":[]"#, None, "unknown field `identitys`"),
        (
            r#","identities":[{"name":"a","tenant":"t","objectId":"o","secrets":[{"id":1}]}]"#,
            None,
            "identities[0].secrets[0].id: invalid type",
        ),
        (
            r#","pats":[{"value":"v","identity":"nobody"}]"#,
            None,
            "pats[0].identity: no identity is named `nobody`",
        ),
        (
            r#","faults":[{"path":"*","effect":{"explode":1}}]"#,
            None,
            "faults[0].effect: unknown variant `explode`",
        ),
        ("", Some(("pools.json", "{}")), "pools.json: value: neither"),
        ("", Some(("agents/ten.json", "[]")), "named after its pool's id"),
    ] {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("scenario.json"), minimal.replace("PLUS", plus)).unwrap();
        if let Some((name, content)) = file {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let error = Scenario::load(folder.path()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert!(error.contains(".json"), "{error}");
    }
}

#[test]
fn byte_order_mark_is_tolerated() {
    let folder = TempDir::new().unwrap();
    fs::write(
        folder.path().join("scenario.json"),
        "\u{feff}{\"now\":\"2026-11-02T09:00:00Z\",\"organization\":{\"name\":\"c\",\"id\":\"i\",\"tenant\":\"t\"},\"tenants\":[{\"id\":\"t\",\"domain\":\"d.example\",\"displayName\":\"T\"}]}",
    )
    .unwrap();
    fs::write(folder.path().join("pools.json"), "\u{feff}[]").unwrap();
    Scenario::load(folder.path()).unwrap();
}
