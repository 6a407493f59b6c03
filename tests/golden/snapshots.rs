//! What the snapshots themselves must hold to.

use std::fs;
use std::path::Path;

use crate::harness::Case;

/// Every run is looked through for secrets as it is made; this looks through what is kept of all of them.
#[test]
fn no_snapshot_holds_a_secret() {
    let secrets = Case::new("client-secret").scenario.secrets();
    assert!(secrets.len() > 10, "the scenario has secrets to look for");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/snapshots");
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("the snapshots") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a snapshot");
        count += 1;
        for secret in secrets.iter().filter(|secret| secret.len() > 4) {
            assert!(!text.contains(secret.as_str()), "{} holds a secret", path.display());
        }
        assert!(
            !text.contains("/tmp/") && !text.contains("127.0.0.1:4"),
            "{} depends on the machine",
            path.display()
        );
    }
    assert!(count > 100, "{count} snapshots");
}
