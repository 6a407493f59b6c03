//! Servers connected through Azure Arc: proof of root's rights by a file.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::grant::{grant, select};
use super::imds;
use crate::ids;
use crate::scenario::{Arc, ExpiryFormat};
use crate::server::{Answer, Request};
use crate::state::{State, lock};

/// Where a real agent writes its challenges. The emulator's folder is mounted there.
const TOKENS: &str = "/var/opt/azcmagent/tokens";

/// `GET /arc/metadata/identity/oauth2/token`: a challenge first, then the token.
pub(super) fn answer(state: &State, request: &Request, platform: &Arc) -> Answer {
    if let Some(refusal) = imds::refuse(request) {
        return refusal;
    }
    let answered = request.header("authorization").and_then(|value| value.strip_prefix("Basic "));
    let Some(answered) = answered else {
        return challenge(state, request, platform);
    };
    let mut challenges = lock(&state.challenges);
    let Some(index) = challenges.iter().position(|written| written == answered) else {
        return Answer::json(
            401,
            &json!({"error": "unauthorized_client", "error_description": "Invalid challenge token"}),
        );
    };
    // Good for one answer.
    challenges.swap_remove(index);
    drop(challenges);

    let (system_assigned, user_assigned) =
        (platform.system_assigned.as_deref(), platform.user_assigned.as_slice());
    let selected = match system_assigned.filter(|_| platform.legacy) {
        Some(name) => state.scenario.identity(name).ok_or(super::grant::Denied::NoIdentity),
        None => select(&state.scenario, request, system_assigned, user_assigned),
    };
    let granted = selected
        .and_then(|identity| grant(state, request, identity, request.query("resource"), ExpiryFormat::Text));
    match granted {
        Ok(grant) => imds::token(&grant),
        Err(denied) => imds::deny(&denied),
    }
}

/// Writes a file that only root could read on a real machine, and says where it is.
fn challenge(state: &State, request: &Request, platform: &Arc) -> Answer {
    let name = format!("{}.key", request.id("challenge"));
    let mut content = STANDARD.encode(ids::hash(&[&request.id("key"), "arc"]));
    if let Some(size) = platform.key_size {
        content = content.chars().cycle().take(size).collect();
    }
    let realm = platform.realm.clone().unwrap_or_else(|| format!("{TOKENS}/{name}"));
    // With another realm the file still has the realm's own name, for tests of what is in it.
    let file = Path::new(&realm).file_name().map_or_else(|| name.clone().into(), ToOwned::to_owned);
    if let Err(e) = fs::write(state.arc_tokens.join(file), &content) {
        return Answer::text(500, format!("the challenge can't be written: {e}"));
    }
    state.remember(content.clone());
    lock(&state.challenges).push(content);
    Answer::json(
        401,
        &json!({"error": "unauthorized_client", "error_description": "Missing Basic Authorization header"}),
    )
    .with("WWW-Authenticate", format!("Basic realm={realm}"))
}
