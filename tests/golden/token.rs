//! `token`: where the token goes.

use crate::harness::{Case, golden};

#[test]
fn json_has_the_names_of_the_azure_cli() {
    let ran = Case::new("client-secret").prints_token().run("token --format json");
    let document: serde_json::Value = serde_json::from_str(&ran.stdout()).expect("JSON");
    assert_eq!(document["expires_on"], 1_793_613_599_u64);
    golden!("token-json", ran);
    golden!(
        "token-json-pat",
        Case::new("pat").env("AZP_TOKEN", &"a1b2".repeat(13)).run("token --format json")
    );
}

#[test]
fn a_file_is_written_whole() {
    let ran = Case::new("client-secret").run("token --out-file /scratch/token");
    let token = ran.written("token").expect("the file");
    assert_eq!(token.matches('.').count(), 2);
    assert_eq!(token, token.trim());
    assert_eq!(ran.files(), ["token"]);
    golden!("token-out-file", ran);

    let ran = Case::new("client-secret").run("token --format json --out-file /scratch/token.json");
    let document: serde_json::Value =
        serde_json::from_str(&ran.written("token.json").expect("the file")).expect("JSON");
    assert_eq!(document["accessToken"], token.as_str());
    golden!("token-out-file-json", ran);
}

#[test]
fn a_file_that_cannot_be_written_is_told() {
    golden!("token-out-file-no-folder", Case::new("client-secret").run("token --out-file /scratch/no/token"));
    golden!("token-out-file-read-only", Case::new("client-secret").run("token --out-file /scenario/token"));
    let ran = Case::new("expired-secret").file("token", b"as it was").run("token --out-file /scratch/token");
    assert_eq!(ran.outcome.exit_code, 3);
    assert_eq!(ran.written("token").as_deref(), Some("as it was"));
    assert_eq!(ran.files(), ["token"]);
}

#[test]
fn a_pipeline_masks_the_token_before_it_can_be_seen() {
    let ran = Case::new("client-secret").prints_token().run("token --format pipelines --variable adoToken");
    let stdout = ran.stdout();
    let first = stdout.lines().next().expect("a line");
    assert!(first.starts_with("##vso[task.setsecret]ey"), "{first}");
    golden!("token-pipelines", ran);
}
