//! The organization, from any of the URLs that people have for it.

use std::fmt;

use crate::http::{Endpoint, Request};
use crate::inputs::{Given, UsageError};

/// The host of Azure DevOps Services
const SERVICES: &str = "dev.azure.com";

/// The older form, with the organization in the host's name
const OLDER_SERVICES: &str = ".visualstudio.com";

/// An organization of Azure DevOps Services, or a collection of an Azure DevOps Server
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Organization {
    endpoint: Endpoint,
    name: String,
}

impl Organization {
    /// Reads `contoso`, `https://dev.azure.com/contoso`, `https://contoso.visualstudio.com` or
    /// `https://server/tfs/collection`; what follows of a project's page is left away.
    ///
    /// # Errors
    /// [`UsageError`] where no organization can be read from it.
    pub fn from_input(given: &Given) -> Result<Self, UsageError> {
        let text = given.text();
        let right = "the organization's URL, such as `https://dev.azure.com/contoso`";
        if is_name(text) {
            let endpoint = Endpoint::parse(&format!("https://{SERVICES}/{text}"));
            let endpoint = endpoint.map_err(|error| given.wrong(&error.to_string(), right))?;
            return Ok(Self { endpoint, name: text.to_owned() });
        }
        let endpoint = Endpoint::parse(text).map_err(|error| given.wrong_url(error, right))?;
        // `_apis`, `_settings` and the like begin what is not the organization's address any more.
        let segments: Vec<&str> = endpoint
            .path()
            .split('/')
            .filter(|segment| !segment.is_empty())
            .take_while(|segment| !segment.starts_with('_'))
            .collect();
        let host = endpoint.host();
        if let Some(name) = host.strip_suffix(OLDER_SERVICES) {
            let name = name.to_owned();
            return Ok(Self { endpoint: endpoint.with_path(""), name });
        }
        // On Azure DevOps Services the first segment is the organization and a second one a project; on a
        // server all of them lead to the collection.
        let depth = if host == SERVICES { 1 } else { segments.len() };
        let Some(name) = segments.get(..depth).and_then(<[&str]>::last) else {
            return Err(given.wrong("names no organization", right));
        };
        let name = (*name).to_owned();
        let path: String = segments[..depth].iter().map(|segment| format!("/{segment}")).collect();
        Ok(Self { endpoint: endpoint.with_path(&path), name })
    }

    /// The organization's or the collection's name
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its base URL
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// A GET of a path below it, without credentials
    pub fn get(&self, path: &str) -> Request {
        let endpoint = self.endpoint.with_path(&format!("{}/{path}", self.endpoint.path()));
        Request::get(endpoint)
            .header("accept", "application/json")
            // Without it a token that isn't accepted is answered by a sign-in page and status 203 or 302.
            .header("x-tfs-fedauthredirect", "Suppress")
    }

    /// The page of the organization's settings that lists its pools
    pub fn pools_page(&self) -> String {
        format!("{}/_settings/agentpools", self.endpoint)
    }
}

impl fmt::Display for Organization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.endpoint.fmt(f)
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 50
        && !text.starts_with('-')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::inputs::{Arguments, Environment, Inputs};

    fn organization(text: &str) -> Result<(String, String), UsageError> {
        let arguments = ["check".into(), OsString::from(format!("--organization={text}"))];
        let arguments = Arguments::parse(arguments).expect("arguments");
        let inputs = Inputs::collect(&arguments, Environment::default()).expect("inputs");
        let organization = Organization::from_input(inputs.get("organization").expect("given"))?;
        Ok((organization.to_string(), organization.name().to_owned()))
    }

    #[test]
    fn every_url_form_leads_to_the_organization() {
        for (text, base, name) in [
            ("contoso", "https://dev.azure.com/contoso", "contoso"),
            ("https://dev.azure.com/contoso/", "https://dev.azure.com/contoso", "contoso"),
            (
                "https://dev.azure.com/contoso/web/_build?definitionId=1",
                "https://dev.azure.com/contoso",
                "contoso",
            ),
            (
                "https://dev.azure.com/contoso/_settings/agentpools",
                "https://dev.azure.com/contoso",
                "contoso",
            ),
            (
                "https://contoso.visualstudio.com/DefaultCollection",
                "https://contoso.visualstudio.com",
                "contoso",
            ),
            ("https://tfs.example.com/tfs/Main", "https://tfs.example.com/tfs/Main", "Main"),
            ("https://tfs.example.com/tfs/Main/_apis", "https://tfs.example.com/tfs/Main", "Main"),
            ("http://127.0.0.1:8080/contoso", "http://127.0.0.1:8080/contoso", "contoso"),
        ] {
            assert_eq!(organization(text), Ok((base.into(), name.into())), "{text}");
        }
        for text in [
            "https://dev.azure.com",
            "https://dev.azure.com/_settings",
            "contoso/web",
            "http://dev.azure.com/x",
        ] {
            assert!(organization(text).is_err(), "{text}");
        }
    }
}
