//! Agent packages.

use serde_json::Value;

use super::error::WrappedException;
use super::lists::{is, select};
use crate::server::{Answer, Request};
use crate::state::State;

/// `GET packages/{type}[/{platform}[/{version}]]`; scripts pass `platform` and `top` as query.
///
/// Every member may read them (the role that it needs is UNVERIFIED).
pub(super) fn answer(state: &State, request: &Request, rest: &[&str]) -> Answer {
    let kind = rest.first().copied();
    let platform = rest.get(1).copied().or(request.query("platform"));
    let version = rest.get(2).copied();
    let top =
        request.query("$top").or(request.query("top")).and_then(|top| top.parse().ok()).unwrap_or(usize::MAX);
    let mut taken = 0;
    let found = select(state.scenario.answers.packages.as_ref(), |package| {
        let wanted = kind.is_none_or(|kind| is(package, "type", kind))
            && platform.is_none_or(|platform| is(package, "platform", platform))
            && version.is_none_or(|version| version_of(package).as_deref() == Some(version));
        if !wanted || taken == top {
            return None;
        }
        taken += 1;
        Some(package.clone())
    });
    let Some(version) = version else {
        return Answer::json(200, &found);
    };
    match super::lists::items(Some(&found)).first() {
        Some(package) => Answer::json(200, package),
        None => WrappedException::distributed_task(
            404,
            "PackageNotFoundException",
            format!("No package found with version {version}."), // wording UNVERIFIED
        )
        .answer(),
    }
}

fn version_of(package: &Value) -> Option<String> {
    let version = package.get("version")?;
    let part = |name: &str| version.get(name)?.as_u64();
    Some(format!("{}.{}.{}", part("major")?, part("minor")?, part("patch")?))
}
