//! Who the caller is to an organization, and which tenant the organization belongs to.

use crate::http::Response;

/// The id that stands for nobody: a 200 for it is no proof of anything
const ANONYMOUS: &str = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa";

/// A tenant id that means: the organization isn't connected to a tenant
const NO_TENANT: &str = "00000000-0000-0000-0000-000000000000";

/// The caller, as the organization knows it
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Caller {
    /// Its id in the organization, which isn't Entra's object id
    pub id: String,
    /// Its name
    pub name: String,
}

impl Caller {
    /// The caller that connectionData names; nobody where it is anonymous
    pub fn from_connection_data(response: &Response) -> Option<Self> {
        if response.status != 200 {
            return None;
        }
        let data = response.json_value();
        let user = &data["authenticatedUser"];
        let text = |name: &str| user[name].as_str().filter(|text| !text.is_empty());
        let id = text("id").filter(|id| !id.eq_ignore_ascii_case(ANONYMOUS))?;
        let name = text("customDisplayName").or(text("providerDisplayName")).unwrap_or(id);
        Some(Self { id: id.to_owned(), name: name.to_owned() })
    }
}

/// Which tenant an organization is connected to
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Tenancy {
    /// To the tenant with this id
    Connected(String),
    /// To none: no Entra identity can be added to it
    NotConnected,
}

impl Tenancy {
    /// The tenancy that an answer tells, refusals included
    pub fn of(response: &Response) -> Option<Self> {
        let from_challenge = response
            .headers
            .iter()
            .filter(|(name, _)| name == "www-authenticate")
            .filter_map(|(_, value)| value.split_once("authorization_uri="))
            .map(|(_, uri)| uri.split([',', ' ']).next().unwrap_or(uri).trim_matches('"'))
            .filter_map(|uri| uri.trim_end_matches('/').rsplit_once('/'))
            .map(|(_, tenant)| tenant)
            .next();
        let tenant = response.header("x-vss-resourcetenant").or(from_challenge)?.to_ascii_lowercase();
        if !crate::inputs::is_guid(&tenant) {
            return None;
        }
        Some(if tenant == NO_TENANT { Self::NotConnected } else { Self::Connected(tenant) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(headers: &[(&str, &str)], body: &str) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Response { status: 200, headers, body: body.into() }
    }

    #[test]
    fn an_anonymous_caller_is_nobody() {
        let data = |id| format!(r#"{{"authenticatedUser":{{"id":"{id}","providerDisplayName":"x"}}}}"#);
        assert_eq!(Caller::from_connection_data(&answer(&[], &data(ANONYMOUS))), None);
        let caller = Caller::from_connection_data(&answer(&[], &data("1")));
        assert_eq!(caller, Some(Caller { id: "1".into(), name: "x".into() }));
    }

    #[test]
    fn the_tenant_stands_in_two_headers() {
        let tenant = "72f988bf-86f1-41af-91ab-2d7cd011db47";
        let connected = Some(Tenancy::Connected(tenant.into()));
        let uri = format!("Bearer authorization_uri=https://login.microsoftonline.com/{tenant}");
        assert_eq!(Tenancy::of(&answer(&[("www-authenticate", &uri)], "")), connected);
        assert_eq!(Tenancy::of(&answer(&[("x-vss-resourcetenant", tenant)], "")), connected);
        assert_eq!(
            Tenancy::of(&answer(&[("x-vss-resourcetenant", NO_TENANT)], "")),
            Some(Tenancy::NotConnected)
        );
        assert_eq!(Tenancy::of(&answer(&[("www-authenticate", "Basic realm=\"x\"")], "")), None);
    }
}
