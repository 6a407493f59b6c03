//! The managed identities of each platform.

use serde::Deserialize;

/// Which identity each platform's endpoint hands out; an absent one isn't served.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ManagedIdentities {
    /// App Service, Functions, Container Apps.
    #[serde(default)]
    pub app_service: Option<AppService>,
    /// Servers connected through Azure Arc.
    #[serde(default)]
    pub arc: Option<Arc>,
    /// Azure Machine Learning.
    #[serde(default)]
    pub azure_ml: Option<AzureMl>,
    /// Azure Cloud Shell.
    #[serde(default)]
    pub cloud_shell: Option<CloudShell>,
    /// Virtual machines and scale sets.
    #[serde(default)]
    pub imds: Option<Imds>,
}

/// A user-assigned identity.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Assigned {
    /// The name of the identity.
    pub identity: String,
    /// Its Azure resource id.
    #[serde(default)]
    pub resource_id: Option<String>,
}

/// App Service, Functions, Container Apps.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AppService {
    /// The name of the system-assigned identity.
    #[serde(default)]
    pub system_assigned: Option<String>,
    /// The user-assigned ones.
    #[serde(default)]
    pub user_assigned: Vec<Assigned>,
    /// What `X-IDENTITY-HEADER` must hold.
    pub identity_header: String,
    /// How `expires_on` is written.
    #[serde(default)]
    pub expires_on: ExpiryFormat,
}

/// Servers connected through Azure Arc.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Arc {
    /// The name of the system-assigned identity.
    #[serde(default)]
    pub system_assigned: Option<String>,
    /// The user-assigned ones.
    #[serde(default)]
    pub user_assigned: Vec<Assigned>,
    /// An older agent: ignores which identity is asked for, answers with the system-assigned one.
    #[serde(default)]
    pub legacy: bool,
    /// The challenge's realm instead of `/var/opt/azcmagent/tokens/{guid}.key`.
    #[serde(default)]
    pub realm: Option<String>,
    /// How many bytes the challenge's file has, instead of about a hundred.
    #[serde(default)]
    pub key_size: Option<usize>,
}

/// Azure Machine Learning.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AzureMl {
    /// The name of the system-assigned identity.
    #[serde(default)]
    pub system_assigned: Option<String>,
    /// The user-assigned ones.
    #[serde(default)]
    pub user_assigned: Vec<Assigned>,
    /// What the `secret` header must hold.
    pub msi_secret: String,
    /// How `expires_on` is written.
    #[serde(default)]
    pub expires_on: ExpiryFormat,
}

/// Azure Cloud Shell: the user who opened it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CloudShell {
    /// The name of the identity.
    pub system_assigned: String,
}

/// Virtual machines and scale sets.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Imds {
    /// The name of the system-assigned identity.
    #[serde(default)]
    pub system_assigned: Option<String>,
    /// The user-assigned ones.
    #[serde(default)]
    pub user_assigned: Vec<Assigned>,
    /// How `expires_on` is written.
    #[serde(default)]
    pub expires_on: ExpiryFormat,
}

/// The forms of `expires_on` that were seen.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub enum ExpiryFormat {
    /// `"11/02/2026 10:00:00 +00:00"`
    Date,
    /// `"11/2/2026 10:00:00 AM +00:00"`
    DateAmPm,
    /// `1793613600`
    Number,
    /// `"2026-11-02T10:00:00Z"`
    Rfc3339,
    /// `"1793613600"`
    #[default]
    Text,
}

impl ManagedIdentities {
    /// Platform, system-assigned identity and user-assigned ones of all that are served.
    pub(crate) fn by_platform(&self) -> Vec<(&'static str, Option<&str>, &[Assigned])> {
        let app_service = self.app_service.as_ref().map(|platform| {
            ("appService", platform.system_assigned.as_deref(), platform.user_assigned.as_slice())
        });
        let arc = self
            .arc
            .as_ref()
            .map(|platform| ("arc", platform.system_assigned.as_deref(), platform.user_assigned.as_slice()));
        let azure_ml = self.azure_ml.as_ref().map(|platform| {
            ("azureMl", platform.system_assigned.as_deref(), platform.user_assigned.as_slice())
        });
        let cloud_shell = self
            .cloud_shell
            .as_ref()
            .map(|platform| ("cloudShell", Some(platform.system_assigned.as_str()), [].as_slice()));
        let imds = self
            .imds
            .as_ref()
            .map(|platform| ("imds", platform.system_assigned.as_deref(), platform.user_assigned.as_slice()));
        [app_service, arc, azure_ml, cloud_shell, imds].into_iter().flatten().collect()
    }
}
