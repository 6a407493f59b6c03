//! The clouds: where their tokens come from, and whom federated assertions are for.

use crate::http::{Endpoint, EndpointError};
use crate::inputs::{Inputs, UsageError};

/// Each cloud's authority host and the audience of federated assertions
/// (Microsoft Entra documentation, workload identity federation).
const CLOUDS: &[(&str, &str, &str)] = &[
    ("china", "https://login.partner.microsoftonline.cn", "api://AzureADTokenExchangeChina"),
    ("public", "https://login.microsoftonline.com", "api://AzureADTokenExchange"),
    ("us-government", "https://login.microsoftonline.us", "api://AzureADTokenExchangeUSGov"),
];

/// Hosts that are a cloud's authority by another name
const ALIASES: &[(&str, &str)] = &[
    ("login.chinacloudapi.cn", "china"),
    ("login.usgovcloudapi.net", "us-government"),
    ("login-us.microsoftonline.com", "us-government"),
];

/// A cloud, as far as tokens go
#[derive(Clone, Debug)]
pub struct Cloud {
    /// The host that issues tokens
    pub authority: Endpoint,
    /// The audience that federated assertions must have
    pub federated_audience: String,
}

impl Cloud {
    /// The cloud that the inputs name; an authority host that is a cloud's own brings that cloud's audience.
    ///
    /// # Errors
    /// [`UsageError`] for an authority host that can't be used.
    pub fn from_inputs(inputs: &Inputs) -> Result<Self, UsageError> {
        let named = inputs.get("cloud").map_or("public", |given| given.text());
        let given = inputs.get("authorityHost").map(|given| given.endpoint()).transpose()?;
        let name = given.as_ref().and_then(|endpoint| cloud_of(endpoint.host())).unwrap_or(named);
        let (_, host, audience) = CLOUDS.iter().find(|(cloud, ..)| *cloud == name).unwrap_or(&CLOUDS[1]);
        let authority = given.map_or_else(|| Endpoint::parse(host), Ok).map_err(unreachable_host)?;
        let audience = inputs.get("federatedAudience").map_or(*audience, |given| given.text());
        Ok(Self { authority, federated_audience: audience.to_owned() })
    }
}

fn cloud_of(host: &str) -> Option<&'static str> {
    let own = CLOUDS.iter().find(|(_, url, _)| url.strip_prefix("https://") == Some(host));
    let alias = ALIASES.iter().find(|(alias, _)| *alias == host);
    own.map(|(cloud, ..)| *cloud).or(alias.map(|(_, cloud)| *cloud))
}

fn unreachable_host(error: EndpointError) -> UsageError {
    UsageError::new(format!("the cloud's authority host can't be used: {error}"), "give `--authority-host`")
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::inputs::{Arguments, Environment};

    fn cloud(flags: &[&str]) -> (String, String) {
        let arguments = Arguments::parse(flags.iter().map(OsString::from)).expect("arguments");
        let inputs = Inputs::collect(&arguments, Environment::default()).expect("inputs");
        let Cloud { authority, federated_audience } = Cloud::from_inputs(&inputs).expect("a cloud");
        (authority.to_string(), federated_audience)
    }

    #[test]
    fn a_cloud_s_audience_goes_with_its_host() {
        let public = ("https://login.microsoftonline.com".into(), "api://AzureADTokenExchange".into());
        assert_eq!(cloud(&[]), public);
        let china =
            ("https://login.partner.microsoftonline.cn".into(), "api://AzureADTokenExchangeChina".into());
        assert_eq!(cloud(&["--cloud=china"]), china);
        let government = "api://AzureADTokenExchangeUSGov";
        assert_eq!(cloud(&["--cloud", "us-government"]).1, government);
        assert_eq!(cloud(&["--authority-host=https://login.usgovcloudapi.net/"]).1, government);
        let own = cloud(&["--authority-host=https://sts.example.com", "--federated-audience=api://own"]);
        assert_eq!(own, ("https://sts.example.com".into(), "api://own".into()));
    }
}
