//! Roles on a pool.

use serde::Deserialize;

use super::reading::{Named, or_default};

/// A role that an identity has on a pool
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct RoleAssignment {
    identity: Identity,
    role: Named,
    /// `assigned` on the pool itself, or `inherited` from the organization's pools
    #[serde(deserialize_with = "or_default")]
    pub access: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Identity {
    #[serde(deserialize_with = "or_default")]
    id: String,
}

impl RoleAssignment {
    /// Whether it is the identity's own, and not a group's
    pub fn is_of(&self, id: &str) -> bool {
        self.identity.id.eq_ignore_ascii_case(id)
    }

    /// `Reader`, `Service Account` (`User` on a queue) or `Administrator`
    pub fn role(&self) -> &str {
        &self.role.name
    }
}
