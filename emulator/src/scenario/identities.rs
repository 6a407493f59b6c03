//! Who there is, and what they may do.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

/// An app registration, a managed identity or a user.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Identity {
    /// The name that the rest of the scenario calls it by.
    pub name: String,
    /// The id of its tenant.
    pub tenant: String,
    /// Its application id; a user has none.
    #[serde(default)]
    pub client_id: Option<String>,
    /// The object id of its service principal.
    pub object_id: String,
    /// Client secrets.
    #[serde(default)]
    pub secrets: Vec<Secret>,
    /// Registered certificates: PEM files, relative to the scenario's folder.
    #[serde(default)]
    pub certificates: Vec<String>,
    /// Trusted issuers of a certificate with the subject name of `subjectName`: PEM files.
    #[serde(default)]
    pub trusted_issuers: Vec<String>,
    /// The common name that a certificate of a trusted issuer must carry.
    #[serde(default)]
    pub subject_name: Option<String>,
    /// Federated identity credentials.
    #[serde(default)]
    pub federations: Vec<Federation>,
    /// The application is disabled in Entra.
    #[serde(default)]
    pub disabled: bool,
    /// Its entry in the organization; absent: not a member.
    #[serde(default)]
    pub member: Option<Member>,
    /// Roles on organization-level pools: by pool id, or `*` for the pools that aren't named.
    #[serde(default)]
    pub pool_roles: BTreeMap<String, Role>,
    /// Roles on the agent pools of a project, by project name. They open queues, no pool.
    #[serde(default)]
    pub project_roles: BTreeMap<String, Role>,
    /// How many seconds its tokens live; negative: already expired.
    #[serde(default)]
    pub token_lifetime: Option<i64>,
    /// The `aud` of its tokens, whatever was asked for.
    #[serde(default)]
    pub token_audience: Option<String>,
    /// The `tid` of its tokens, whatever its tenant is.
    #[serde(default)]
    pub token_tenant: Option<String>,
}

impl Identity {
    /// Its role on an organization-level pool.
    pub fn pool_role(&self, pool: u64) -> Option<Role> {
        self.pool_roles
            .get(&pool.to_string())
            .or_else(|| self.pool_roles.get("*"))
            .copied()
            .filter(|role| *role != Role::None)
    }

    /// The name that Azure DevOps calls it by.
    pub fn display_name(&self) -> &str {
        self.member.as_ref().map_or(&self.name, |member| &member.display_name)
    }
}

/// A client secret.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// The id that the portal shows beside it, often sent by mistake.
    pub id: String,
    /// The value.
    pub value: String,
    /// When it expires; absent: never.
    #[serde(default)]
    pub expires: Option<Timestamp>,
}

/// A federated identity credential: whose assertions stand in for a secret.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Federation {
    /// The assertion's `iss`.
    pub issuer: String,
    /// The assertion's `sub`.
    pub subject: String,
    /// The assertion's `aud`.
    #[serde(default = "exchange_audience")]
    pub audience: String,
}

/// A member of the organization.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Member {
    /// Its id in Azure DevOps, another than its object id in Entra.
    pub id: String,
    /// Its name.
    pub display_name: String,
    /// Its subject descriptor.
    pub subject_descriptor: String,
}

/// A role on a pool, from least to most.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
pub enum Role {
    /// No role: overrides `*`.
    None,
    /// Sees the pool.
    Reader,
    /// Its agents may listen; for this API no more than a reader.
    #[serde(rename = "Service Account")]
    ServiceAccount,
    /// Changes the pool and its agents.
    Administrator,
}

/// A personal access token.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pat {
    /// The token.
    pub value: String,
    /// The name of the identity that it belongs to.
    pub identity: String,
    /// When it expires; absent: never.
    #[serde(default)]
    pub expires: Option<Timestamp>,
    /// `vso.agentpools` to read, `vso.agentpools_manage` to read and write; absent: everything.
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
}

fn exchange_audience() -> String {
    crate::EXCHANGE_AUDIENCE.to_owned()
}
