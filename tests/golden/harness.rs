//! One run of the component: a scenario, an environment, arguments; and its snapshot.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use lifeguard_emulator::{Clock, Effect, Emulator, Fault, Options, Scenario};
use lifeguard_host::{Component, Folder, Instances, Network, Outcome, Run, SentRequest, Server};
use percent_encoding::percent_decode_str;
use tempfile::TempDir;

static COMPONENT: LazyLock<Component> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/lifeguard.wasm");
    assert!(path.exists(), "target/lifeguard.wasm isn't there: run `cargo xtask component`");
    Component::load(&path).expect("the component compiles")
});

static REPORT_SCHEMA: LazyLock<jsonschema::Validator> =
    LazyLock::new(|| schema(include_str!("../../docs/report.schema.json")));

static WHY_SCHEMA: LazyLock<jsonschema::Validator> =
    LazyLock::new(|| schema(include_str!("../../docs/why.schema.json")));

fn schema(text: &str) -> jsonschema::Validator {
    let schema = serde_json::from_str(text).expect("the schema is JSON");
    jsonschema::validator_for(&schema).expect("the schema is one")
}

/// More requests than this are only counted in a snapshot.
const MANY: usize = 40;

/// The demo scenario's folder
pub fn demo_folder() -> PathBuf {
    scenario_folder("demo")
}

fn scenario_folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("emulator/scenarios").join(name)
}

/// A run to be made
pub struct Case {
    pub scenario: Scenario,
    environment: String,
    arguments: Vec<String>,
    added: Vec<(String, String)>,
    removed: Vec<String>,
    scratch: TempDir,
    prints_token: bool,
    denied: bool,
}

impl Case {
    /// The demo scenario, and the variables of one of its environments
    pub fn new(environment: &str) -> Self {
        Self {
            scenario: Scenario::load(&demo_folder()).expect("the demo scenario"),
            environment: environment.to_owned(),
            arguments: Vec::new(),
            added: Vec::new(),
            removed: Vec::new(),
            scratch: TempDir::new().expect("a temporary folder"),
            prints_token: false,
            denied: false,
        }
    }

    /// Another scenario, with the one environment that all have
    pub fn of(scenario: &str) -> Self {
        let scenario = Scenario::load(&scenario_folder(scenario)).expect("a scenario");
        Self { scenario, ..Self::new("client-secret") }
    }

    /// The command line; words are separated by one space
    pub fn run(mut self, line: &str) -> Ran {
        self.arguments = line.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        self.start()
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.added.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.removed.push(name.to_owned());
        self
    }

    pub fn scenario(mut self, change: impl FnOnce(&mut Scenario)) -> Self {
        change(&mut self.scenario);
        self
    }

    pub fn fault(self, path: &str, effect: Effect) -> Self {
        self.with_fault(Fault::new(path, effect))
    }

    pub fn with_fault(self, fault: Fault) -> Self {
        self.scenario(|scenario| scenario.faults.push(fault))
    }

    /// A file that the component finds at `/scratch/NAME`
    pub fn file(self, name: &str, content: &[u8]) -> Self {
        std::fs::write(self.scratch.path().join(name), content).expect("a file");
        self
    }

    /// The one case in which a token may be printed: it was asked for
    pub fn prints_token(mut self) -> Self {
        self.prints_token = true;
        self
    }

    /// The host allows no address at all
    pub fn denied(mut self) -> Self {
        self.denied = true;
        self
    }

    fn start(self) -> Ran {
        let line = self.arguments.join(" ");
        let prints_token = self.prints_token;
        let stage = self.stage();
        // Compiled before the clock is started
        let component = &*COMPONENT;
        let started = std::time::Instant::now();
        let outcome = component.run(&stage.run).expect("the host runs the component");
        let took = started.elapsed();

        let secrets = stage.secrets();
        let ran = Ran { line, outcome, took, authority: stage.authority, secrets, scratch: stage.scratch };
        ran.keeps_secrets(prints_token);
        ran.keeps_to_schema();
        ran
    }

    /// The component's second door, in a host that keeps the instance or doesn't
    pub fn serve(self, instances: Instances) -> Door {
        let stage = self.stage();
        let server = COMPONENT.serve(&stage.run, instances).expect("the host serves the component");
        Door { stage, server, text: String::new() }
    }

    /// All that a run needs, with the emulator running
    fn stage(self) -> Stage {
        let arc_tokens = TempDir::new().expect("a temporary folder");
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(self.scenario.now.as_second().unsigned_abs());
        let secrets = self.scenario.secrets();
        let options = Options {
            port: 0,
            tls: false,
            clock: Clock::Fixed,
            arc_tokens: Some(arc_tokens.path().to_owned()),
        };
        let emulator = Emulator::start(self.scenario, options).expect("the emulator starts");
        let environment = emulator.environment(&self.environment).expect("an environment of the scenario");
        let mut folders = vec![
            Folder { host: demo_folder(), guest: "/scenario".into(), writable: false },
            Folder { host: self.scratch.path().to_owned(), guest: "/scratch".into(), writable: true },
            Folder {
                host: arc_tokens.path().to_owned(),
                guest: "/var/opt/azcmagent/tokens".into(),
                writable: false,
            },
        ];
        let demo_path = demo_folder().display().to_string();
        let mut env = Vec::new();
        for (name, value) in environment {
            if self.removed.contains(&name) || self.added.iter().any(|(added, _)| *added == name) {
                continue;
            }
            // Paths of this machine stay out of the snapshots.
            let mut value = value.replace(&demo_path, "/scenario");
            if name == "AZURE_FEDERATED_TOKEN_FILE" {
                let path = PathBuf::from(&value);
                let folder = path.parent().expect("a folder").to_owned();
                folders.push(Folder { host: folder.clone(), guest: "/tokens".into(), writable: false });
                value = value.replace(&folder.display().to_string(), "/tokens");
            }
            env.push((name, value));
        }
        for (name, value) in self.added {
            env.push((name, value.replace("{http}", &emulator.http_url())));
        }
        let authority = emulator.http_url().replace("http://", "");
        let allow_hosts = if self.denied { Vec::new() } else { vec![authority.clone()] };
        let run = Run {
            args: self.arguments.iter().map(|word| word.replace("{http}", &emulator.http_url())).collect(),
            env,
            folders,
            network: Network { allow_hosts: Some(allow_hosts), ..Network::default() },
            wall_clock: Some(now),
            deterministic_random: true,
            ..Run::default()
        };
        Stage { run, emulator, secrets, authority, scratch: self.scratch, _arc_tokens: arc_tokens }
    }
}

/// What is there before a run
struct Stage {
    run: Run,
    emulator: Emulator,
    secrets: Vec<String>,
    authority: String,
    scratch: TempDir,
    _arc_tokens: TempDir,
}

impl Stage {
    /// The scenario's secrets, and all tokens that were issued
    fn secrets(&self) -> Vec<String> {
        self.secrets.iter().cloned().chain(self.emulator.issued()).collect()
    }
}

/// The second door, and what was said at it
pub struct Door {
    stage: Stage,
    server: Server,
    text: String,
}

impl Door {
    /// Sends one request, and writes down what was answered, logged, and asked of Azure DevOps for it.
    pub fn ask(&mut self, method: &str, path: &str) -> u16 {
        let request = http::Request::builder().method(method).uri(path).body(Vec::new()).expect("a request");
        let served = self.server.send(request).expect("the host sends it");
        let response = served.response.expect("an answer");
        let (status, body) = (response.status(), String::from_utf8(response.body().clone()).expect("UTF-8"));
        let stderr = String::from_utf8(served.stderr).expect("UTF-8");
        for output in [&body, &stderr] {
            no_secret_in(output, &self.stage.secrets(), path);
        }
        let _ = writeln!(self.text, "$ {method} {path}\nstatus: {status}");
        for (name, value) in response.headers() {
            let _ = writeln!(self.text, "{name}: {}", value.to_str().expect("text"));
        }
        let _ = write!(self.text, "\n{body}");
        if !stderr.is_empty() {
            let _ = write!(self.text, "----- stderr\n{stderr}");
        }
        for SentRequest { method, path_and_query, answer, .. } in &served.requests {
            let answer = answer.as_ref().map_or_else(Clone::clone, u16::to_string);
            let _ = writeln!(self.text, "sent: {method} {path_and_query} -> {answer}");
        }
        self.text.push('\n');
        status.as_u16()
    }

    /// Lets time pass for the component.
    pub fn pass(&mut self, time: Duration) {
        let now = self.stage.run.wall_clock.expect("a clock") + time;
        self.stage.run.wall_clock = Some(now);
        self.server.set_wall_clock(now).expect("the clock is set");
    }

    /// What was sent to Azure DevOps and Entra so far
    pub fn sent(&self) -> usize {
        self.text.matches("\nsent: ").count()
    }

    pub fn snapshot(&self) -> String {
        self.text.replace(&self.stage.authority, "emulator")
    }
}

/// A run that was made
pub struct Ran {
    line: String,
    pub outcome: Outcome,
    pub took: Duration,
    pub authority: String,
    secrets: Vec<String>,
    scratch: TempDir,
}

impl Ran {
    pub fn stdout(&self) -> String {
        String::from_utf8(self.outcome.stdout.clone()).expect("stdout is UTF-8")
    }

    pub fn stderr(&self) -> String {
        String::from_utf8(self.outcome.stderr.clone()).expect("stderr is UTF-8")
    }

    /// The content of a file that the component wrote to `/scratch/NAME`
    pub fn written(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.scratch.path().join(name)).ok()
    }

    /// The names of the files in `/scratch`
    pub fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.scratch.path()).expect("the scratch folder");
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }

    /// Forgets what was sent, for a snapshot of what is printed alone.
    pub fn without_requests(mut self) -> Self {
        self.outcome.requests.clear();
        self
    }

    /// All that a user sees and a server receives
    pub fn snapshot(&self) -> String {
        let mut text = format!("$ lifeguard {}\nexit code: {}\n", self.line, self.outcome.exit_code);
        for (title, output) in [("stdout", self.stdout()), ("stderr", self.stderr())] {
            if !output.is_empty() {
                text.push_str(&format!("----- {title}\n{output}"));
            }
        }
        if !self.outcome.requests.is_empty() {
            text.push_str("----- requests\n");
        }
        match self.outcome.requests.len() {
            many if many > MANY => text.push_str(&format!("{many} of them\n")),
            _ => self.outcome.requests.iter().for_each(|request| text.push_str(&self.shown(request))),
        }
        self.masked(&text.replace(&self.authority, "emulator"))
    }

    fn shown(&self, request: &SentRequest) -> String {
        let SentRequest { method, scheme, authority, path_and_query, .. } = request;
        let answer = match &request.answer {
            Ok(status) => status.to_string(),
            Err(error) => error.clone(),
        };
        let mut text = format!("{method} {scheme}://{authority}{path_and_query} -> {answer}\n");
        for (name, value) in &request.headers {
            if matches!(name.as_str(), "host" | "user-agent") {
                continue;
            }
            let mut value = String::from_utf8_lossy(value).into_owned();
            if let Some(encoded) = value.strip_prefix("Basic ")
                && let Ok(decoded) = BASE64_STANDARD.decode(encoded).map(String::from_utf8)
                && let Ok(decoded) = decoded
            {
                value = format!("Basic base64({decoded})");
            }
            text.push_str(&format!("  {name}: {value}\n"));
        }
        for field in String::from_utf8_lossy(&request.body).split('&').filter(|field| !field.is_empty()) {
            let field = percent_decode_str(field).decode_utf8_lossy().into_owned();
            text.push_str(&format!("  | {}\n", own_assertion(&field).unwrap_or(field)));
        }
        text
    }

    fn masked(&self, text: &str) -> String {
        let mut text = text.to_owned();
        let mut secrets: Vec<&String> = self.secrets.iter().filter(|secret| secret.len() > 4).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        for secret in secrets {
            text = text.replace(secret.as_str(), "***");
        }
        text
    }

    /// A JSON report is as its schema says.
    fn keeps_to_schema(&self) {
        let schema = match self.line.split(' ').next() {
            Some("check") => &REPORT_SCHEMA,
            Some("why") => &WHY_SCHEMA,
            _ => return,
        };
        if !self.line.contains("--format json") || !matches!(self.outcome.exit_code, 0 | 1) {
            return;
        }
        let report = serde_json::from_slice(&self.outcome.stdout).expect("JSON");
        let errors: Vec<String> = schema.iter_errors(&report).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }

    /// Nothing secret is printed or written, but for the token that was asked for.
    fn keeps_secrets(&self, prints_token: bool) {
        let is_token = |secret: &String| secret.matches('.').count() == 2 && secret.starts_with("ey");
        let mut secrets = self.secrets.clone();
        secrets.retain(|secret| !(prints_token && is_token(secret)));
        for output in [self.stdout(), self.stderr()] {
            // What registers a secret has to say it.
            let lines = output.lines().filter(|line| !line.starts_with("##vso[task.setsecret]"));
            no_secret_in(&lines.collect::<Vec<_>>().join("\n"), &secrets, &self.line);
        }
    }
}

/// None of the secrets is in a text, in no encoding.
fn no_secret_in(text: &str, secrets: &[String], what: &str) {
    for secret in secrets.iter().filter(|secret| secret.len() > 4) {
        for form in [
            secret.clone(),
            BASE64_STANDARD.encode(secret),
            BASE64_STANDARD.encode(format!(":{secret}")),
            percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC).to_string(),
        ] {
            assert!(!text.contains(&form), "`{what}` prints a secret:\n{text}");
        }
    }
}

/// An assertion that the component signed itself, taken apart: it can't be masked as a known secret, and what it
/// says is what matters
fn own_assertion(field: &str) -> Option<String> {
    let jwt = field.strip_prefix("client_assertion=")?;
    let mut parts = jwt.split('.').map(|part| {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    });
    let (header, claims) = (parts.next()??, parts.next()??);
    header.contains("x5t").then(|| format!("client_assertion= {header} {claims} ***"))
}

/// Compares a run with its snapshot.
macro_rules! golden {
    ($name:expr, $ran:expr) => {
        let ran = $ran;
        insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "snapshots"}, {
            insta::assert_snapshot!($name, ran.snapshot());
        });
    };
}
pub(crate) use golden;
