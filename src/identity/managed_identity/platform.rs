//! Which platform this runs on, in the order in which the Azure SDKs look.

use std::path::Path;

use super::app_service::AppService;
use super::arc::Arc;
use super::azure_ml::AzureMl;
use super::cloud_shell::CloudShell;
use super::imds::Imds;
use super::selector::Selector;
use crate::explain::Explanation;
use crate::http::{Endpoint, EndpointError};
use crate::identity::oidc::endpoint_in;
use crate::inputs::{Inputs, UsageError};

/// Azure Arc's own endpoint, where its agent is installed but sets no variable
const ARC_ENDPOINT: &str = "http://127.0.0.1:40342/metadata/identity/oauth2/token";

/// The program by which the Azure SDKs recognize a machine with Azure Arc
const ARC_PROGRAM: &str = "/opt/azcmagent/bin/himds";

/// The instance metadata service of virtual machines
const IMDS_ENDPOINT: &str = "http://169.254.169.254";

/// A platform with managed identities
pub enum Platform {
    /// App Service, Functions, Container Apps
    AppService(AppService),
    /// A machine with Azure Arc
    Arc(Arc),
    /// Azure Machine Learning
    AzureMl(AzureMl),
    /// Azure Cloud Shell
    CloudShell(CloudShell),
    /// A virtual machine, scale set or AKS node
    Imds(Imds),
    /// Service Fabric, whose endpoint needs what wasi:http can't do
    ServiceFabric,
}

impl Platform {
    /// The platform that the environment shows; the instance metadata service where it shows none
    ///
    /// # Errors
    /// [`UsageError`] for a variable that can't be used.
    pub fn detect(inputs: &Inputs) -> Result<Self, UsageError> {
        let variable = |name| inputs.environment.get(name);
        if let Some(endpoint) = endpoint_in(inputs, "IDENTITY_ENDPOINT")? {
            if let Some(header) = variable("IDENTITY_HEADER") {
                return Ok(match variable("IDENTITY_SERVER_THUMBPRINT") {
                    Some(_) => Self::ServiceFabric,
                    None => Self::AppService(AppService::new(endpoint, header.into())),
                });
            }
            if variable("IMDS_ENDPOINT").is_some() {
                return Ok(Self::Arc(Arc::new(endpoint, variable("ProgramData"))));
            }
        }
        if let Some(endpoint) = endpoint_in(inputs, "MSI_ENDPOINT")? {
            return Ok(match variable("MSI_SECRET") {
                Some(secret) => {
                    let default_client_id = variable("DEFAULT_IDENTITY_CLIENT_ID").map(str::to_owned);
                    Self::AzureMl(AzureMl::new(endpoint, secret.into(), default_client_id))
                }
                None => Self::CloudShell(CloudShell::new(endpoint)),
            });
        }
        if Path::new(ARC_PROGRAM).exists() {
            let endpoint = Endpoint::parse(ARC_ENDPOINT).map_err(unusable)?;
            return Ok(Self::Arc(Arc::new(endpoint, variable("ProgramData"))));
        }
        let endpoint = match endpoint_in(inputs, "AZURE_POD_IDENTITY_AUTHORITY_HOST")? {
            Some(endpoint) => endpoint,
            None => Endpoint::parse(IMDS_ENDPOINT).map_err(unusable)?,
        };
        Ok(Self::Imds(Imds::new(endpoint)))
    }

    /// The platform's name
    pub fn name(&self) -> &'static str {
        match self {
            Self::AppService(_) => "App Service or Container Apps",
            Self::Arc(_) => "Azure Arc",
            Self::AzureMl(_) => "Azure Machine Learning",
            Self::CloudShell(_) => "Cloud Shell",
            Self::Imds(_) => "this virtual machine",
            Self::ServiceFabric => "Service Fabric",
        }
    }

    /// What shows the platform
    pub fn source(&self) -> &'static str {
        match self {
            Self::AppService(_) => "`IDENTITY_ENDPOINT` and `IDENTITY_HEADER`",
            Self::Arc(_) => "Azure Arc's agent",
            Self::AzureMl(_) => "`MSI_ENDPOINT` and `MSI_SECRET`",
            Self::CloudShell(_) => "`MSI_ENDPOINT`",
            Self::Imds(_) => "the instance metadata service",
            Self::ServiceFabric => "`IDENTITY_SERVER_THUMBPRINT`",
        }
    }

    /// Refuses a selector that the platform can't be asked with, before anything is sent.
    ///
    /// # Errors
    /// [`UsageError`] that says what would be right.
    pub fn check_selector(&self, selector: Option<&Selector>) -> Result<(), UsageError> {
        let right = match (self, selector) {
            (Self::CloudShell(_), Some(_)) => {
                "Cloud Shell has only the identity of the signed-in user: leave it away"
            }
            (Self::AzureMl(_), Some(Selector::Object(_) | Selector::Resource(_))) => {
                "select it by `--managed-identity-client-id`"
            }
            _ => return Ok(()),
        };
        let selector = selector.map(ToString::to_string).unwrap_or_default();
        let what = format!("{} can't be asked for the managed identity with {selector}", self.name());
        Err(UsageError::new(what, right))
    }
}

/// Why Service Fabric's endpoint isn't asked
pub fn service_fabric() -> Explanation {
    Explanation::new("Service Fabric's managed identities can't be used from here")
        .fact(
            "means",
            "its endpoint has a certificate of its own that must be compared with `IDENTITY_SERVER_THUMBPRINT`, \
             and wasi:http can't look at a certificate; to trust it unseen would give the token to anyone",
        )
        .advise("use a client certificate or a federated credential there (`--identity client-certificate`)")
}

fn unusable(error: EndpointError) -> UsageError {
    UsageError::new(format!("the platform's own endpoint can't be used: {error}"), "name an identity")
}
