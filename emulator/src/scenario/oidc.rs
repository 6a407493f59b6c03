//! Those who issue assertions.

use serde::Deserialize;

/// A job of Azure Pipelines that asks for OIDC tokens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Pipelines {
    /// The project's id, as in the URL.
    pub project_id: String,
    /// The project's name, as in subjects of the older style.
    pub project: String,
    /// `build`, `release` or `gates`.
    #[serde(default = "build")]
    pub hub: String,
    /// The plan's id.
    pub plan_id: String,
    /// The job's id.
    pub job_id: String,
    /// The job's own token, known as `System.AccessToken`.
    pub job_access_token: String,
    /// The service connections that the job may use.
    #[serde(default)]
    pub service_connections: Vec<ServiceConnection>,
}

/// A service connection with workload identity federation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ServiceConnection {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The name of the identity that it stands for.
    pub identity: String,
    /// Which issuer and subject its tokens have.
    #[serde(default)]
    pub style: SubjectStyle,
    /// The issuer, when it is neither style's.
    #[serde(default)]
    pub issuer: Option<String>,
    /// The subject, when it is neither style's.
    #[serde(default)]
    pub subject: Option<String>,
    /// The audience.
    #[serde(default)]
    pub audience: Option<String>,
    /// How many seconds the token lives: 600 when absent; negative: already expired.
    #[serde(default)]
    pub token_lifetime: Option<i64>,
}

/// Issuer and subject of a service connection.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub enum SubjectStyle {
    /// Issued by Entra: `/eid1/c/pub/t/…/a/…/sc/{organization id}/{connection id}`.
    #[default]
    Entra,
    /// Issued by `vstoken.dev.azure.com`: `sc://{organization}/{project}/{connection name}`.
    Vstoken,
}

/// A job of GitHub Actions that asks for OIDC tokens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct GitHub {
    /// `ACTIONS_ID_TOKEN_REQUEST_TOKEN`
    pub request_token: String,
    /// The `sub` of its tokens.
    pub subject: String,
    /// How many seconds the token lives: 300 when absent.
    #[serde(default)]
    pub token_lifetime: Option<i64>,
}

/// A service account of a Kubernetes cluster.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Cluster {
    /// The name that `Emulator::service_account_token` takes.
    pub name: String,
    /// The cluster's issuer.
    pub issuer: String,
    /// `system:serviceaccount:{namespace}:{name}`
    pub subject: String,
    /// The audience.
    #[serde(default)]
    pub audience: Option<String>,
    /// How many seconds the token lives: 3600 when absent; negative: already expired.
    #[serde(default)]
    pub token_lifetime: Option<i64>,
}

fn build() -> String {
    "build".to_owned()
}
