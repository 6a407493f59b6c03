//! `package`: where an agent's package is, and whether a file is that package.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Console, look, sign_in};
use crate::devops::{Client, Organization, Package, Reason, Version};
use crate::explain::{Explanation, Failure};
use crate::identity::{Chain, Exchange};
use crate::inputs::{Given, Inputs, UsageError, nearest};
use crate::report::{Format, clean, json::document};

/// Azure DevOps' names of platforms, each with the name that a container build has for it (`TARGETARCH`)
const PLATFORMS: &[(&str, &str)] = &[
    ("linux-x64", "amd64"),
    ("linux-arm64", "arm64"),
    ("linux-arm", "arm"),
    ("linux-musl-x64", ""),
    ("linux-musl-arm64", ""),
    ("win-x64", ""),
    ("win-x86", ""),
    ("win-arm64", ""),
    ("osx-x64", ""),
    ("osx-arm64", ""),
];

/// How many bytes of a file are read at once
const CHUNK: usize = 64 * 1024;

/// Runs the command.
pub fn run(inputs: &Inputs, exchange: Exchange<'_>, console: &Console) -> Result<u8, Failure> {
    let organization = Organization::from_input(inputs.require("organization")?)?;
    let platform = platform(inputs.require("platform")?)?;
    let version = version(inputs.require("agentVersion")?)?;
    let format = look::plain_format(inputs)?;
    let file = inputs.get("check").map(|given| sha256(given).map(|hash| (given.text(), hash))).transpose()?;
    let chain = Chain::from_inputs(inputs)?;

    let acquired = sign_in(&chain, &exchange, console)?;
    let client = Client::new(exchange, &organization, &acquired.token);
    let found = client.ask(client.packages(platform, version));
    let package = match found {
        Ok(packages) => packages.into_iter().next().ok_or_else(|| no_package(platform, version))?,
        Err(refusal) if refusal.reason == Reason::NotFound => return Err(no_package(platform, version)),
        Err(refusal) => return Err(refusal.into()),
    };
    let is_it = file.as_ref().map(|(_, hash)| package.sha256.as_deref() == Some(hash));
    console.print(&match format {
        Format::Json => document(&json!({
            "platform": platform,
            "version": package.version.map(|version| version.to_string()),
            "url": package.url,
            "filename": package.filename,
            "sha256": package.sha256,
            "isVerified": is_it,
        })),
        _ => text(platform, &package),
    });
    if let Some((path, hash)) = file {
        return Ok(verdict(&package, path, &hash, console));
    }
    Ok(0)
}

fn platform(given: &Given) -> Result<&'static str, UsageError> {
    let text = given.text();
    let is_meant = |(name, of_container): &&(&str, &str)| {
        text.eq_ignore_ascii_case(name)
            || (!of_container.is_empty() && text.eq_ignore_ascii_case(of_container))
    };
    PLATFORMS.iter().find(is_meant).map(|(name, _)| *name).ok_or_else(|| {
        let names = PLATFORMS.iter().map(|(name, _)| *name);
        let right = match nearest(text, names.clone()) {
            Some(near) => format!("`{near}`"),
            None => format!("one of {}", names.collect::<Vec<_>>().join(", ")),
        };
        given.wrong("isn't a platform that agents are made for", &right)
    })
}

fn version(given: &Given) -> Result<Option<Version>, UsageError> {
    match given.text() {
        "newest" => Ok(None),
        text => Version::parse(text)
            .map(Some)
            .ok_or_else(|| given.wrong("isn't a version", "`newest`, or a version such as `4.266.2`")),
    }
}

/// The SHA-256 of a file, which may be larger than memory
fn sha256(given: &Given) -> Result<String, UsageError> {
    let path = given.text();
    let hash = || -> io::Result<String> {
        let mut file = File::open(path)?;
        let mut hasher = Sha256::new();
        let mut chunk = vec![0; CHUNK];
        loop {
            match file.read(&mut chunk)? {
                0 => break,
                count => hasher.update(&chunk[..count]),
            }
        }
        let mut text = String::new();
        for byte in hasher.finalize() {
            let _ = write!(text, "{byte:02x}");
        }
        Ok(text)
    };
    hash().map_err(|error| {
        let because = match error.kind() {
            io::ErrorKind::NotFound => "it isn't there".to_owned(),
            kind => kind.to_string(),
        };
        UsageError::new(
            format!("`{}`: the file `{path}` can't be read: {because}", given.source),
            "check the path; a sandboxed run sees only the folders it is given (`--dir`)",
        )
    })
}

fn no_package(platform: &str, version: Option<Version>) -> Failure {
    let explanation = match version {
        Some(version) => Explanation::new(format!("there is no agent package {version} for {platform}"))
            .advise("give a version that there is, or `newest`"),
        None => Explanation::new(format!("there is no agent package for {platform}"))
            .advise("give another platform; not every organization or server has packages for all"),
    };
    Failure::AzureDevOps(explanation)
}

fn text(platform: &str, package: &Package) -> String {
    let mut text = format!("Agent package for {platform}\n");
    let version = package.version.map(|version| version.to_string());
    for (name, value) in [
        ("version", version.as_deref()),
        ("url", Some(package.url.as_str())),
        ("sha256", package.sha256.as_deref()),
    ] {
        let _ = writeln!(text, "  {name:<8} {}", clean(value.unwrap_or("unknown")));
    }
    text
}

/// Says whether the file is the package; the exit code
fn verdict(package: &Package, path: &str, hash: &str, console: &Console) -> u8 {
    let (complaint, advice) = match &package.sha256 {
        Some(expected) if expected == hash => {
            console.note(&format!("{path} is this package"));
            return 0;
        }
        Some(_) => (
            format!("{path} isn't this package: its SHA-256 is {hash}"),
            "download it again, from the URL above; don't unpack this file",
        ),
        None => (
            format!("whether {path} is this package can't be told: Azure DevOps gives no SHA-256 for it"),
            "take a newer version: old ones have no hash",
        ),
    };
    console.fail_with(&complaint, advice);
    1
}
