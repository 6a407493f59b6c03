//! A service connection of Azure Pipelines, as the task hands it over: what it holds, by the inputs that it stands for.

use super::{Environment, Given, UsageError, input};

/// The values that the service connection holds, if the task was given one
///
/// # Errors
/// [`UsageError`] for one of a kind that no token can be had with.
pub fn read(environment: &Environment) -> Result<Vec<Given>, UsageError> {
    let text = |name: &str| environment.get(&format!("CONNECTION_{name}"));
    let Some(id) = text("ID") else { return Ok(Vec::new()) };
    let is = |name: &str, value: &str| text(name).is_some_and(|text| text.eq_ignore_ascii_case(value));
    // The task's input that the connection was chosen in
    let source = if is("TYPE", "azuredevops") { "azureDevOpsServiceConnection" } else { "azureSubscription" };
    let mut values = vec![("tenantId", text("TENANTID")), ("clientId", text("SERVICEPRINCIPALID"))];
    let identity = if is("SCHEME", "WorkloadIdentityFederation") || is("TYPE", "azuredevops") {
        values.push(("serviceConnectionId", Some(id)));
        "azure-pipelines"
    } else if is("SCHEME", "ManagedServiceIdentity") {
        // The tenant is the machine's own.
        values.clear();
        "managed-identity"
    } else if is("SCHEME", "ServicePrincipal") && is("AUTHENTICATIONTYPE", "spnCertificate") {
        values.push(("clientCertificate", text("SERVICEPRINCIPALCERTIFICATE")));
        "client-certificate"
    } else if is("SCHEME", "ServicePrincipal") {
        values.push(("clientSecret", text("SERVICEPRINCIPALKEY")));
        "client-secret"
    } else {
        let scheme = text("SCHEME").unwrap_or("none");
        return Err(UsageError::new(
            format!(
                "`{source}`: the service connection {id} authenticates by `{scheme}`, with which no token for Azure \
                 DevOps can be had"
            ),
            "choose an Azure Resource Manager connection (workload identity federation, a service principal's secret or \
             certificate, or a managed identity) or an Azure DevOps connection with workload identity federation",
        ));
    };
    values.push(("identity", Some(identity)));
    match text("ENVIRONMENT").map(str::to_ascii_lowercase).as_deref() {
        None | Some("azurecloud") => (),
        Some("azureusgovernment") => values.push(("cloud", Some("us-government"))),
        Some("azurechinacloud") => values.push(("cloud", Some("china"))),
        Some(_) => values.push(("authorityHost", text("AUTHORITYURL"))),
    }
    values
        .into_iter()
        .filter_map(|(name, value)| Some((input(name)?, value?)))
        .map(|(input, value)| Given::new(input, source.to_owned(), value))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "9b974d16-bf71-47c3-a8fa-fece6e88bb1c";

    /// `name=value` of each, secrets too
    fn values(variables: &[(&str, &str)]) -> Result<Vec<String>, UsageError> {
        let environment = variables
            .iter()
            .map(|(name, value)| (format!("CONNECTION_{name}"), (*value).to_owned()))
            .collect();
        let shown = |given: &Given| match given.is_secret() {
            true => format!("{}={}", given.name(), given.secret().expose()),
            false => format!("{}={}", given.name(), given.text()),
        };
        Ok(read(&environment)?.iter().map(shown).collect())
    }

    #[test]
    fn each_kind_stands_for_its_identity() {
        let principal =
            [("ID", ID), ("TYPE", "azurerm"), ("TENANTID", "t.example"), ("SERVICEPRINCIPALID", "c")];
        let with = |more: &[(&'static str, &'static str)]| values(&[&principal[..], more].concat());
        let federation = with(&[("SCHEME", "WorkloadIdentityFederation"), ("ENVIRONMENT", "AzureCloud")]);
        let expected = [
            "tenantId=t.example",
            "clientId=c",
            &format!("serviceConnectionId={ID}"),
            "identity=azure-pipelines",
        ];
        assert_eq!(federation, Ok(expected.map(str::to_owned).to_vec()));
        let secret = with(&[
            ("SCHEME", "ServicePrincipal"),
            ("SERVICEPRINCIPALKEY", "s"),
            ("ENVIRONMENT", "AzureChinaCloud"),
        ]);
        let expected =
            ["tenantId=t.example", "clientId=c", "clientSecret=s", "identity=client-secret", "cloud=china"];
        assert_eq!(secret, Ok(expected.map(str::to_owned).to_vec()));
        let certificate = with(&[
            ("SCHEME", "ServicePrincipal"),
            ("AUTHENTICATIONTYPE", "spnCertificate"),
            ("SERVICEPRINCIPALCERTIFICATE", "pem"),
        ]);
        assert!(certificate.expect("values").contains(&"clientCertificate=pem".to_owned()));
        let managed = with(&[("SCHEME", "ManagedServiceIdentity")]);
        assert_eq!(managed, Ok(vec!["identity=managed-identity".to_owned()]));
        let azure_devops = values(&[("ID", ID), ("TYPE", "azuredevops"), ("SCHEME", "Token")]);
        assert!(azure_devops.expect("values").contains(&"identity=azure-pipelines".to_owned()));
        assert!(with(&[("SCHEME", "PublishProfile")]).is_err());
        assert_eq!(values(&[]), Ok(Vec::new()));
    }
}
