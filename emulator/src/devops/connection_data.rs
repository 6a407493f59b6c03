//! `connectionData`: who am I.

use serde_json::{Value, json};

use super::caller::Caller;
use super::site::Site;
use crate::server::Answer;
use crate::state::State;

/// Whoever sends no credential.
const ANONYMOUS: &str = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa";

/// That an anonymous caller gets 200 is UNVERIFIED; the id was seen.
pub(super) fn answer(state: &State, site: &Site, caller: Option<&Caller<'_>>) -> Answer {
    let user = caller.map_or_else(anonymous, member);
    Answer::json(
        200,
        &json!({
            "authenticatedUser": user,
            "authorizedUser": user,
            "instanceId": state.scenario.organization.id,
            "deploymentId": crate::ids::guid(&["deployment", &state.scenario.organization.id]),
            "deploymentType": if site.on_premises { "onPremises" } else { "hosted" },
            "locationServiceData": {
                "serviceOwner": "00025394-6065-48ca-87d9-7f5672854ef7",
                "defaultAccessMappingMoniker": "PublicAccessMapping",
                "lastChangeId": 1,
                "lastChangeId64": 1,
            },
        }),
    )
}

fn member(caller: &Caller<'_>) -> Value {
    let identity = caller.identity;
    let Some(member) = &identity.member else {
        return anonymous();
    };
    let kind = match identity.client_id {
        Some(_) => "Microsoft.VisualStudio.Services.Claims.AadServicePrincipal",
        None => "Microsoft.IdentityModel.Claims.ClaimsIdentity",
    };
    json!({
        "id": member.id,
        "descriptor": format!("{kind};{}\\{}", identity.tenant, identity.object_id),
        "subjectDescriptor": member.subject_descriptor,
        "providerDisplayName": member.display_name,
        "isActive": true,
        "properties": {
            "Account": {"$type": "System.String", "$value": identity.object_id}
        },
        "resourceVersion": 2,
        "metaTypeId": 0,
    })
}

fn anonymous() -> Value {
    json!({
        "id": ANONYMOUS,
        "descriptor": format!("System:PublicAccess;{ANONYMOUS}"),
        "subjectDescriptor": "UHVibGljO2FhYWFhYWFh",
        "providerDisplayName": "Anonymous",
        "isActive": true,
        "properties": {},
        "resourceVersion": 2,
        "metaTypeId": 0,
    })
}
