//! `package`: the newest and a given one, and whether a file is it.

use crate::harness::{Case, golden};

/// What the scenario's packages can't be: their files aren't here, so one gets the hash of this text.
const FILE: &[u8] = b"an agent's package\n";
const HASH: &str = "77b0d565d24ae4c601b9a2a9b592dc6b27c6350eb8ea412ae5f6129bbf4aac99";

fn with_file(content: &[u8]) -> Case {
    Case::new("client-secret").file("agent.tar.gz", content).scenario(|scenario| {
        let packages =
            scenario.answers.packages.as_mut().expect("packages")["value"].as_array_mut().expect("a list");
        for package in packages.iter_mut().filter(|package| package["platform"] == "linux-arm64") {
            package["hashValue"] = HASH.to_uppercase().into();
        }
    })
}

#[test]
fn packages_are_found_by_platform_and_version() {
    golden!("package-newest", Case::new("client-secret").run("package"));
    golden!("package-json", Case::new("client-secret").run("package --platform win-x64 --format json"));
    let container = Case::new("client-secret").env("TARGETARCH", "arm64");
    golden!("package-target-architecture", container.run("package"));
    golden!("package-version", Case::new("client-secret").run("package --agent-version 4.261.0"));
    golden!("package-no-version", Case::new("client-secret").run("package --agent-version 1.2.3"));
}

#[test]
fn a_file_is_the_package_or_not() {
    let line = "package --platform linux-arm64 --check /scratch/agent.tar.gz";
    golden!("package-checked", with_file(FILE).run(line));
    golden!("package-another-file", with_file(b"something else").run(line));
    let ran = with_file(FILE).run(&format!("{line} --format json"));
    assert!(ran.stdout().contains("\"isVerified\": true"), "{}", ran.stdout());
    let case = with_file(FILE).scenario(|scenario| {
        for package in
            scenario.answers.packages.as_mut().expect("packages")["value"].as_array_mut().expect("a list")
        {
            package.as_object_mut().expect("a package").remove("hashValue");
        }
    });
    golden!("package-without-hash", case.run(line));
}

#[test]
fn wrong_usage() {
    for (name, line) in [
        ("platform", "package --platform linux-amd46"),
        ("version", "package --agent-version latest"),
        ("file", "package --check /scratch/none"),
        ("format", "package --format junit"),
    ] {
        let ran = Case::new("client-secret").run(line);
        assert_eq!((ran.outcome.exit_code, ran.outcome.requests.len()), (2, 0), "{name}: {}", ran.stderr());
        golden!(format!("package-wrong-{name}"), ran);
    }
}
