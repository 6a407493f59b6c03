use http::Uri;

/// The hosts that may be reached.
#[derive(Clone)]
pub(super) struct AllowList(Option<Vec<String>>);

impl AllowList {
    pub(super) fn new(hosts: Option<&[String]>) -> Self {
        Self(hosts.map(|hosts| hosts.iter().map(|host| host.to_ascii_lowercase()).collect()))
    }

    pub(super) fn allows(&self, uri: &Uri) -> bool {
        let Some(hosts) = &self.0 else {
            return true;
        };
        let Some(host) = uri.host().map(str::to_ascii_lowercase) else {
            return false;
        };
        let with_port = format!("{host}:{}", port(uri));
        hosts.iter().any(|allowed| *allowed == host || *allowed == with_port)
    }
}

/// The port that the URI names or means.
pub(super) fn port(uri: &Uri) -> u16 {
    uri.port_u16().unwrap_or(match uri.scheme_str() {
        Some("http") => 80,
        _ => 443,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(host: &str, uri: &str) -> bool {
        AllowList::new(Some(&[host.to_owned()])).allows(&uri.parse().unwrap())
    }

    #[test]
    fn a_host_is_allowed_on_any_port() {
        assert!(allows("dev.azure.com", "https://dev.azure.com/org"));
        assert!(allows("dev.azure.com", "https://DEV.azure.com:8443/org"));
        assert!(allows("[::1]", "http://[::1]:8080/"));
    }

    #[test]
    fn a_host_with_port_is_allowed_on_that_port_only() {
        assert!(allows("dev.azure.com:443", "https://dev.azure.com/org"));
        assert!(!allows("dev.azure.com:443", "http://dev.azure.com/org"));
        assert!(allows("127.0.0.1:8080", "http://127.0.0.1:8080/"));
    }

    #[test]
    fn other_hosts_are_not() {
        assert!(!allows("dev.azure.com", "https://dev.azure.com.example.net/"));
        assert!(!allows("dev.azure.com", "https://evil.dev.azure.com/"));
        assert!(!allows("dev.azure.com", "https://dev.azure.com@example.net/"));
    }

    #[test]
    fn without_a_list_all_are() {
        assert!(AllowList::new(None).allows(&"https://example.net/".parse().unwrap()));
        assert!(!AllowList::new(Some(&[])).allows(&"https://example.net/".parse().unwrap()));
    }
}
