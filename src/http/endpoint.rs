//! Whom requests may go to: the egress policy, as a type.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use http::Uri;

/// A base URL that the policy allows, without query or trailing slash
///
/// A request can only be made from an `Endpoint`, and an `Endpoint` only from
/// an input: nothing that a server answers (a `Location`, a link) ever becomes
/// one. https is allowed to any host, plain http only where the bytes cannot
/// leave the machine's own network segment: loopback and link-local addresses.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Endpoint {
    scheme: Scheme,
    authority: String,
    path: String,
    query: Option<String>,
}

impl Endpoint {
    /// Reads a URL that an input holds.
    ///
    /// # Errors
    /// [`EndpointError`] where the text is not a URL, or not one the policy allows.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let text = text.trim();
        let uri: Uri = text.parse().map_err(|_| EndpointError::NotAUrl)?;
        let scheme = match uri.scheme_str() {
            Some("http") => Scheme::Http,
            Some("https") => Scheme::Https,
            Some(_) => return Err(EndpointError::OtherScheme),
            None => return Err(EndpointError::NotAUrl),
        };
        let authority = uri.authority().ok_or(EndpointError::NotAUrl)?;
        if authority.as_str().contains('@') {
            return Err(EndpointError::UserInfo);
        }
        let host = authority.host();
        if host.is_empty() || authority.as_str().ends_with(':') {
            return Err(EndpointError::NotAUrl);
        }
        if scheme == Scheme::Http && !is_local(host) {
            return Err(EndpointError::PlainHttp);
        }
        Ok(Self {
            scheme,
            authority: authority.as_str().to_ascii_lowercase(),
            path: uri.path().trim_end_matches('/').to_owned(),
            query: uri.query().map(str::to_owned),
        })
    }

    /// The same server with another path
    pub fn with_path(&self, path: &str) -> Self {
        Self {
            scheme: self.scheme,
            authority: self.authority.clone(),
            path: path.trim_end_matches('/').to_owned(),
            query: None,
        }
    }

    /// Whether the URL's scheme is https
    pub fn is_https(&self) -> bool {
        self.scheme == Scheme::Https
    }

    /// `host` or `host:port`, in lower case
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The host without its port
    pub fn host(&self) -> &str {
        match self.authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => &self.authority,
        }
    }

    /// The path, without a slash at its end
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The query that the input itself held (GitHub's OIDC URL has one)
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }
}

/// The URL, without its query
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_https() { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, self.path)
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Scheme {
    Http,
    Https,
}

/// Why a text is no [`Endpoint`]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EndpointError {
    /// It doesn't read as `https://host[:port][/path]`.
    NotAUrl,
    /// Its scheme is neither https nor http.
    OtherScheme,
    /// Plain http to a host beyond loopback and link-local addresses.
    PlainHttp,
    /// It carries `user:password@`.
    UserInfo,
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAUrl => "it isn't a URL",
            Self::OtherScheme => "its scheme isn't https",
            Self::PlainHttp => {
                "plain http is allowed only to loopback and link-local addresses, \
                 since a token would travel unencrypted"
            }
            Self::UserInfo => "it has a user name or password in it",
        })
    }
}

fn is_local(host: &str) -> bool {
    if host.eq_ignore_ascii_case("localhost") {
        return true;
    }
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return address.is_loopback() || address.is_link_local();
    }
    host.strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .and_then(|inner| inner.parse::<Ipv6Addr>().ok())
        .is_some_and(|address| address.is_loopback() || address.is_unicast_link_local())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_goes_anywhere_and_http_stays_at_home() {
        for good in [
            "https://dev.azure.com/contoso",
            "http://127.0.0.1:8080",
            "http://127.8.9.10/x",
            "http://localhost:42356/msi/token",
            "http://169.254.169.254",
            "http://[::1]:80/",
            "http://[fe80::1]/",
        ] {
            assert!(Endpoint::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://dev.azure.com/contoso",
            "http://10.0.0.1/",
            "http://localhost.example.com/",
            "http://127.0.0.1.example.com/",
            "http://[2001:db8::1]/",
        ] {
            assert_eq!(Endpoint::parse(bad), Err(EndpointError::PlainHttp), "{bad}");
        }
    }

    #[test]
    fn what_is_no_url_is_refused() {
        assert_eq!(Endpoint::parse("contoso"), Err(EndpointError::NotAUrl));
        assert_eq!(Endpoint::parse("https://"), Err(EndpointError::NotAUrl));
        assert_eq!(Endpoint::parse("https://a b"), Err(EndpointError::NotAUrl));
        assert_eq!(Endpoint::parse("https://host:"), Err(EndpointError::NotAUrl));
        assert_eq!(Endpoint::parse("ftp://host/"), Err(EndpointError::OtherScheme));
        assert_eq!(Endpoint::parse("https://me:pat@dev.azure.com/contoso"), Err(EndpointError::UserInfo));
    }

    #[test]
    fn the_host_is_found_with_and_without_a_port() {
        let host = |text| Endpoint::parse(text).map(|endpoint| endpoint.host().to_owned());
        assert_eq!(host("https://Dev.Azure.com/x").as_deref(), Ok("dev.azure.com"));
        assert_eq!(host("http://[::1]:8080/x").as_deref(), Ok("[::1]"));
        assert_eq!(host("http://[::1]/x").as_deref(), Ok("[::1]"));
    }
}
