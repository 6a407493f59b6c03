use std::net::{IpAddr, Ipv6Addr};

use anyhow::{Result, bail};
use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

use super::Network;

/// Which requests go through which proxy.
pub(super) struct Proxy(Matcher);

impl Proxy {
    pub(super) fn new(network: &Network) -> Result<Self> {
        let mut matcher = Matcher::builder();
        if let Some(proxy) = given(&network.https_proxy) {
            check("https", proxy)?;
            matcher = matcher.https(proxy.to_owned());
        }
        if let Some(proxy) = given(&network.http_proxy) {
            check("http", proxy)?;
            matcher = matcher.http(proxy.to_owned());
        }
        if let Some(hosts) = given(&network.no_proxy) {
            matcher = matcher.no(hosts.to_owned());
        }
        Ok(Self(matcher.build()))
    }

    /// The proxy for this request, `None` where it goes straight to its host.
    pub(super) fn of(&self, uri: &Uri) -> Option<Intercept> {
        match is_local(uri.host()?) {
            // Identity endpoints of the machine are there, and a token for the proxy isn't theirs.
            true => None,
            false => self.0.intercept(uri),
        }
    }
}

fn given(value: &Option<String>) -> Option<&str> {
    value.as_deref().filter(|value| !value.is_empty())
}

/// The matcher passes over a proxy that it can't read; that would be a request past the proxy.
fn check(scheme: &str, proxy: &str) -> Result<()> {
    let matcher = Matcher::builder().all(proxy.to_owned()).build();
    let probe = Uri::from_static("https://example.invalid");
    match matcher.intercept(&probe) {
        Some(intercept) if intercept.uri().scheme_str() == Some("http") => Ok(()),
        // The value isn't shown: it can hold a password.
        _ => bail!("the proxy for {scheme} isn't a URL like http://host:port"),
    }
}

/// Whether the host is this machine or on its own link.
fn is_local(host: &str) -> bool {
    let name = host.trim_start_matches('[').trim_end_matches(']');
    match name.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_link_local(),
        Ok(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
            Some(address) => address.is_loopback() || address.is_link_local(),
            None => address == Ipv6Addr::LOCALHOST || address.is_unicast_link_local(),
        },
        Err(_) => {
            let name = name.to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(https: &str, no: &str) -> Proxy {
        Proxy::new(&Network {
            https_proxy: Some(https.to_owned()),
            no_proxy: Some(no.to_owned()),
            ..Network::default()
        })
        .unwrap()
    }

    fn goes_through(proxy: &Proxy, uri: &str) -> bool {
        proxy.of(&uri.parse().unwrap()).is_some()
    }

    #[test]
    fn each_scheme_has_its_own() {
        let proxy = proxy("http://proxy.example.net:3128", "");
        assert!(goes_through(&proxy, "https://dev.azure.com/"));
        assert!(!goes_through(&proxy, "http://dev.azure.com/"));
    }

    #[test]
    fn hosts_on_the_list_are_reached_directly() {
        let proxy = proxy("http://proxy.example.net", "example.com,10.0.0.0/8");
        assert!(!goes_through(&proxy, "https://devops.example.com/"));
        assert!(!goes_through(&proxy, "https://10.1.2.3/"));
        assert!(goes_through(&proxy, "https://dev.azure.com/"));
    }

    #[test]
    fn the_machine_and_its_link_are_reached_directly() {
        let proxy = proxy("http://proxy.example.net", "");
        for host in [
            "localhost",
            "a.LOCALHOST",
            "127.0.0.2",
            "[::1]",
            "169.254.169.254",
            "[fe80::1]",
            "[::ffff:169.254.169.254]",
        ] {
            assert!(!goes_through(&proxy, &format!("https://{host}/")), "{host}");
        }
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_an_error_without_its_password() {
        for value in ["https://user:hunter2@proxy.example.net", "socks5://proxy:1080", "::"] {
            let error = Proxy::new(&Network { https_proxy: Some(value.to_owned()), ..Network::default() });
            let error = error.err().unwrap().to_string();
            assert_eq!(error, "the proxy for https isn't a URL like http://host:port");
        }
    }
}
