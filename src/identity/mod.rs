//! Identities: the credentials that can be exchanged for an Azure DevOps access token.

mod aadsts;
mod access_token;
mod app;
mod asn1;
mod assertion;
mod azure_pipelines;
mod certificate;
mod chain;
mod claims;
mod client_certificate;
mod client_secret;
mod cloud;
mod credential;
mod github;
mod key_material;
mod managed_identity;
mod managed_identity_federation;
mod oidc;
mod password_based;
mod pfx;
mod ready_made;
mod workload_identity;

pub use access_token::{AccessToken, Kind, RESOURCE};
pub use chain::{Acquired, Chain};
pub use claims::Claims;
pub use credential::{Credential, Exchange, Found};
