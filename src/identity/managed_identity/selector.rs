//! Which of several managed identities is meant.

use std::fmt;

use crate::inputs::{Inputs, UsageError};

/// A user-assigned managed identity
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Selector {
    /// By its client id
    Client(String),
    /// By its object (principal) id
    Object(String),
    /// By its Azure resource id
    Resource(String),
}

impl Selector {
    /// The id itself
    pub fn id(&self) -> &str {
        let (Self::Client(id) | Self::Object(id) | Self::Resource(id)) = self;
        id
    }

    /// The parameter by which the instance metadata service is asked for it, and Azure Arc as well
    pub fn metadata_parameter(&self) -> &'static str {
        match self {
            Self::Client(_) => "client_id",
            Self::Object(_) => "object_id",
            Self::Resource(_) => "msi_res_id",
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(id) => write!(f, "client id {id}"),
            Self::Object(id) => write!(f, "object id {id}"),
            Self::Resource(id) => write!(f, "resource id {id}"),
        }
    }
}

/// The managed identity that the inputs select expressly
///
/// # Errors
/// [`UsageError`] where more than one selection is given, or an id can't be one.
pub fn selector(inputs: &Inputs) -> Result<Option<Selector>, UsageError> {
    let names = ["managedIdentityClientId", "managedIdentityObjectId", "managedIdentityResourceId"];
    let Some(given) = inputs.one_of(&names)? else { return Ok(None) };
    if inputs.get(names[0]).is_some() {
        return given.guid().map(Selector::Client).map(Some);
    }
    if inputs.get(names[1]).is_some() {
        return given.guid().map(Selector::Object).map(Some);
    }
    let id = given.text();
    let lower = id.to_ascii_lowercase();
    if !lower.starts_with("/subscriptions/")
        || !lower.contains("/microsoft.managedidentity/userassignedidentities/")
    {
        return Err(given.wrong(
            "isn't the resource id of a user-assigned managed identity",
            "`/subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.ManagedIdentity/\
             userAssignedIdentities/<name>`",
        ));
    }
    Ok(Some(Selector::Resource(id.to_owned())))
}
