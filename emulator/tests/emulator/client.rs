//! An emulator with the demo scenario, and a plain HTTP client of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use lifeguard_emulator::{AZURE_DEVOPS, Clock, Emulator, Options, Scenario};
use serde_json::Value;
use ureq::http::{HeaderMap, Request, Uri};

pub fn demo_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/demo")
}

pub fn demo() -> Scenario {
    Scenario::load(&demo_folder()).unwrap()
}

/// The demo under the fixed clock, changed first.
pub fn start(change: impl FnOnce(&mut Scenario)) -> Client {
    let mut scenario = demo();
    change(&mut scenario);
    start_fixed(scenario)
}

/// Any scenario under the fixed clock.
pub fn start_fixed(scenario: Scenario) -> Client {
    let options = Options { clock: Clock::Fixed, ..Options::default() };
    Client::of(Emulator::start(scenario.clone(), options).unwrap(), scenario)
}

pub struct Client {
    pub emulator: Emulator,
    pub scenario: Scenario,
    agent: ureq::Agent,
}

/// What came back.
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// How many items the list has, and their texts of that name.
    #[track_caller]
    pub fn names(&self, member: &str) -> Vec<String> {
        let json = self.json();
        let items = json.as_array().or_else(|| json["value"].as_array());
        items
            .unwrap_or_else(|| panic!("no list: {}", self.text))
            .iter()
            .map(|item| match &item[member] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            })
            .collect()
    }
}

impl Client {
    pub fn of(emulator: Emulator, scenario: Scenario) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(10)))
            .build()
            .into();
        Self { emulator, scenario, agent }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.emulator.http_url())
    }

    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Reply, ureq::Error> {
        let uri: Uri = self.url(path).parse().unwrap();
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = match (method, body) {
            ("GET" | "OPTIONS" | "DELETE", "") => self.agent.run(request.body(()).unwrap())?,
            _ => self.agent.run(request.body(body.to_owned()).unwrap())?,
        };
        let text = response.body_mut().read_to_string()?;
        Ok(Reply { status: response.status().as_u16(), headers: response.headers().clone(), text })
    }

    #[track_caller]
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        self.try_send(method, path, headers, body).unwrap_or_else(|e| panic!("{method} {path}: {e}"))
    }

    #[track_caller]
    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send("GET", path, headers, "")
    }

    /// `POST /{tenant}/oauth2/v2.0/token` with a form.
    #[track_caller]
    pub fn token_request(&self, tenant: &str, form: &[(&str, &str)]) -> Reply {
        let mut body = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form {
            body.append_pair(name, value);
        }
        self.send(
            "POST",
            &format!("/{tenant}/oauth2/v2.0/token"),
            &[("Content-Type", "application/x-www-form-urlencoded")],
            &body.finish(),
        )
    }

    pub fn client_id(&self, identity: &str) -> String {
        let identity = self.scenario.identity(identity).unwrap();
        identity.client_id.clone().unwrap()
    }

    pub fn org_tenant(&self) -> String {
        self.scenario.organization.tenant.clone()
    }

    /// The answer to the identity's own secret, for Azure DevOps.
    #[track_caller]
    pub fn by_secret(&self, identity: &str) -> Reply {
        let known = self.scenario.identity(identity).unwrap();
        self.token_request(
            &known.tenant,
            &[
                ("client_id", &self.client_id(identity)),
                ("client_secret", &known.secrets[0].value),
                ("grant_type", "client_credentials"),
                ("scope", &scope()),
            ],
        )
    }

    /// `Authorization` of an identity that has a secret.
    #[track_caller]
    pub fn bearer(&self, identity: &str) -> String {
        let reply = self.by_secret(identity);
        let token = reply.json()["access_token"].as_str().unwrap().to_owned();
        format!("Bearer {token}")
    }
}

pub fn scope() -> String {
    format!("{AZURE_DEVOPS}/.default")
}

/// The error must have the code, and say so in both places.
#[track_caller]
pub fn assert_aadsts(reply: &Reply, status: u16, error: &str, code: u32) {
    let json = reply.json();
    assert_eq!(reply.status, status, "{}", reply.text);
    assert_eq!(json["error"], error, "{}", reply.text);
    assert_eq!(json["error_codes"][0], code, "{}", reply.text);
    let description = json["error_description"].as_str().unwrap();
    assert!(description.starts_with(&format!("AADSTS{code}: ")), "{description}");
}
