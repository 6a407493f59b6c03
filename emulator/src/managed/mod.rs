//! The managed identity endpoints: one file a platform.

mod app_service;
mod arc;
mod azure_ml;
mod cloud_shell;
mod grant;
mod imds;

use crate::server::{Answer, Request};
use crate::state::State;

/// Answers what is for a managed identity endpoint.
pub(crate) fn route(state: &State, request: &Request) -> Option<Answer> {
    let managed = &state.scenario.managed_identities;
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    let answer = match segments.as_slice() {
        ["metadata", "identity", "oauth2", "token"] => match &managed.imds {
            Some(platform) => imds::answer(state, request, platform),
            None => imds::absent(),
        },
        ["appservice", "msi", "token"] => app_service::answer(state, request, managed.app_service.as_ref()?),
        ["arc", "metadata", "identity", "oauth2", "token"] => {
            arc::answer(state, request, managed.arc.as_ref()?)
        }
        ["azureml", "msi", "token"] => azure_ml::answer(state, request, managed.azure_ml.as_ref()?),
        ["cloudshell", "oauth2", "token"] => {
            cloud_shell::answer(state, request, managed.cloud_shell.as_ref()?)
        }
        _ => return None,
    };
    Some(answer)
}
