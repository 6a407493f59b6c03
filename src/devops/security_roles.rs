//! Roles on a pool.

use serde_json::Value;

use super::reading::text;

/// A role that an identity has on a pool
#[derive(Clone, Debug, Default)]
pub struct RoleAssignment {
    identity_id: String,
    role: String,
    /// `assigned` on the pool itself, or `inherited` from the organization's pools
    pub access: String,
}

impl RoleAssignment {
    /// Reads what Azure DevOps says of it.
    pub fn read(value: &Value) -> Self {
        Self {
            identity_id: text(&value["identity"], "id"),
            role: text(&value["role"], "name"),
            access: text(value, "access"),
        }
    }

    /// Whether it is the identity's own, and not a group's
    pub fn is_of(&self, id: &str) -> bool {
        self.identity_id.eq_ignore_ascii_case(id)
    }

    /// `Reader`, `Service Account` (`User` on a queue) or `Administrator`
    pub fn role(&self) -> &str {
        &self.role
    }
}
