//! The variables that people already have in their scripts and images.

/// The inputs that hold a secret
pub const SECRETS: &[&str] = &["clientCertificate", "clientCertificatePassword", "clientSecret", "token"];

/// Each input's variables, the first one found wins: `AZP_*` is the container scripts' of Microsoft's
/// documentation, `AZURE_*` the Azure SDKs', `ARM_*` and `AZDO_*` Terraform's, `AZURESUBSCRIPTION_*`
/// what the AzureCLI task sets, `SYSTEM_*` the agent's.
const VARIABLES: &[(&str, &[&str])] = &[
    ("agentName", &["AZP_AGENT_NAME"]),
    ("authorityHost", &["AZURE_AUTHORITY_HOST"]),
    ("clientCertificate", &["ARM_CLIENT_CERTIFICATE"]),
    ("clientCertificateFile", &["AZURE_CLIENT_CERTIFICATE_PATH", "ARM_CLIENT_CERTIFICATE_PATH"]),
    ("clientCertificatePassword", &["AZURE_CLIENT_CERTIFICATE_PASSWORD", "ARM_CLIENT_CERTIFICATE_PASSWORD"]),
    ("clientId", &["AZURE_CLIENT_ID", "ARM_CLIENT_ID", "AZP_CLIENTID", "AZURESUBSCRIPTION_CLIENT_ID"]),
    ("clientSecret", &["AZURE_CLIENT_SECRET", "ARM_CLIENT_SECRET", "AZP_CLIENTSECRET"]),
    ("clientSecretFile", &["ARM_CLIENT_SECRET_PATH"]),
    ("federatedTokenFile", &["AZURE_FEDERATED_TOKEN_FILE", "ARM_OIDC_TOKEN_FILE_PATH"]),
    (
        "organization",
        &["AZP_URL", "AZDO_ORG_SERVICE_URL", "SYSTEM_COLLECTIONURI", "SYSTEM_TEAMFOUNDATIONCOLLECTIONURI"],
    ),
    ("platform", &["TARGETARCH"]),
    ("pool", &["AZP_POOL"]),
    ("project", &["SYSTEM_TEAMPROJECT"]),
    ("sendCertificateChain", &["AZURE_CLIENT_SEND_CERTIFICATE_CHAIN"]),
    (
        "serviceConnectionId",
        &[
            "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
            "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID",
            "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID",
        ],
    ),
    ("tenantId", &["AZURE_TENANT_ID", "ARM_TENANT_ID", "AZP_TENANTID", "AZURESUBSCRIPTION_TENANT_ID"]),
    ("token", &["AZP_TOKEN", "AZDO_PERSONAL_ACCESS_TOKEN", "AZURE_DEVOPS_EXT_PAT"]),
    ("tokenFile", &["AZP_TOKEN_FILE"]),
];

/// The variables of one input, the first found wins
pub fn variables(input: &str) -> &'static [&'static str] {
    VARIABLES.iter().find(|(name, _)| *name == input).map_or(&[], |(_, variables)| variables)
}

/// The inputs that have such variables
#[cfg(test)]
pub fn names() -> impl Iterator<Item = &'static str> {
    VARIABLES.iter().map(|(name, _)| *name).chain(SECRETS.iter().copied())
}
