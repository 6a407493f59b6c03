//! What the emulator plays: a folder with `scenario.json` and raw answers beside it.

mod answers;
mod faults;
mod identities;
mod large;
mod load;
mod managed;
mod oidc;
mod secrets;

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

pub use answers::Answers;
pub use faults::{Effect, Fault};
pub use identities::{Federation, Identity, Member, Pat, Role, Secret};
pub use load::ScenarioError;
pub use managed::{AppService, Arc, Assigned, AzureMl, CloudShell, ExpiryFormat, Imds, ManagedIdentities};
pub use oidc::{Cluster, GitHub, Pipelines, ServiceConnection, SubjectStyle};

/// A scenario folder, loaded. Every field may be changed before the emulator starts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Scenario {
    /// The moment that the raw answers were "taken" at.
    pub now: Timestamp,
    /// What the scenario shows, for its reader.
    #[serde(default)]
    pub description: String,
    /// The organization of Azure DevOps Services.
    pub organization: Organization,
    /// A collection of Azure DevOps Server with the same answers, when the scenario has one.
    #[serde(default)]
    pub server: Option<Server>,
    /// The Entra tenants.
    pub tenants: Vec<Tenant>,
    /// Resources, beside Azure DevOps, that a token can be had for.
    #[serde(default)]
    pub resources: Vec<String>,
    /// Everyone: app registrations, managed identities, users.
    #[serde(default)]
    pub identities: Vec<Identity>,
    /// Personal access tokens.
    #[serde(default)]
    pub pats: Vec<Pat>,
    /// Which identity each platform's endpoint hands out.
    #[serde(default)]
    pub managed_identities: ManagedIdentities,
    /// Azure Pipelines' OIDC endpoint.
    #[serde(default)]
    pub pipelines: Option<Pipelines>,
    /// GitHub Actions' OIDC endpoint.
    #[serde(default)]
    pub git_hub: Option<GitHub>,
    /// Kubernetes clusters whose service account tokens are federated.
    #[serde(default)]
    pub clusters: Vec<Cluster>,
    /// The password of the encrypted files in `certificates/`.
    #[serde(default)]
    pub certificate_password: Option<String>,
    /// Environments by name, in the order of the file: variables by name, with placeholders.
    #[serde(default)]
    pub environments: Map<String, Value>,
    /// What goes wrong, and when.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// The raw answers beside `scenario.json`.
    #[serde(skip)]
    pub answers: Answers,
    /// Certificates by the file name that an identity gives, PEM.
    #[serde(skip)]
    pub certificates: BTreeMap<String, String>,
    /// Where all this was read from.
    #[serde(skip)]
    pub folder: PathBuf,
}

impl Scenario {
    /// The identity of that name.
    pub fn identity(&self, name: &str) -> Option<&Identity> {
        self.identities.iter().find(|identity| identity.name == name)
    }

    /// The identity of that name, to change it.
    pub fn identity_mut(&mut self, name: &str) -> Option<&mut Identity> {
        self.identities.iter_mut().find(|identity| identity.name == name)
    }

    /// The tenant of that id or domain.
    pub fn tenant(&self, id_or_domain: &str) -> Option<&Tenant> {
        self.tenants.iter().find(|tenant| {
            tenant.id.eq_ignore_ascii_case(id_or_domain) || tenant.domain.eq_ignore_ascii_case(id_or_domain)
        })
    }
}

/// An organization of Azure DevOps Services.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organization {
    /// The first segment of its URLs.
    pub name: String,
    /// Its GUID, part of its OIDC issuer.
    pub id: String,
    /// The id of the tenant that it is connected to.
    pub tenant: String,
}

/// Azure DevOps Server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Its collection, at `/tfs/{collection}`.
    pub collection: String,
}

/// An Entra tenant.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Tenant {
    /// Its GUID.
    pub id: String,
    /// Its domain, accepted in the place of the id.
    pub domain: String,
    /// Its name in error messages.
    pub display_name: String,
}
