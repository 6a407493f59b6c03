//! The second door, `wasi:http/incoming-handler`: which path is answered with what.

mod service;

use std::time::SystemTime;

use percent_encoding::percent_decode_str;
use serde_json::json;

use self::service::Service;
use crate::commands::{Console, look};
use crate::devops::{PoolSelector, Scope, selectors};
use crate::explain::Failure;
use crate::health::PoolView;
use crate::http::incoming::{Answer, Incoming};
use crate::inputs::Environment;
use crate::moment::timestamp;
use crate::report::json::document;
use crate::report::{Format, Report, Style};

/// Answers one request of a scraper, a scaler or a prober.
///
/// What went wrong, and with which identity, is for the host's log; the answer says no more than whose fault it is.
pub fn handle(request: &Incoming, environment: Environment, now: SystemTime) -> Answer {
    let Some(page) = Page::at(&request.path) else {
        return error(404, "nothing is here; /metrics, /healthz and /queue/{pool} are");
    };
    if request.method != "GET" {
        let mut answer = error(405, "only GET is answered here");
        answer.headers.push(("allow", "GET".into()));
        return answer;
    }
    let console = Console::new(&environment);
    let answer =
        Service::from_environment(environment, now).map_err(Failure::from).and_then(|service| match page {
            Page::Healthz => service.sign_in().map(|()| text("ok\n")),
            Page::Metrics => metrics(&service),
            Page::Queue(pool) => queue(&service, &pool),
        });
    answer.unwrap_or_else(|failure| {
        console.fail(&failure);
        match failure {
            Failure::Usage(_) => error(500, "the configuration is wrong; see the log"),
            Failure::NoToken(_) => error(503, "no token could be had; see the log"),
            Failure::AzureDevOps(_) => error(503, "Azure DevOps refused; see the log"),
            Failure::Unavailable(_) => error(503, "Azure DevOps couldn't be reached; see the log"),
        }
    })
}

/// What there is
#[derive(Debug, Eq, PartialEq)]
enum Page {
    Healthz,
    Metrics,
    /// Of the pool with this name
    Queue(String),
}

impl Page {
    fn at(path: &str) -> Option<Self> {
        match path {
            "/healthz" => Some(Self::Healthz),
            "/metrics" => Some(Self::Metrics),
            _ => {
                let pool =
                    path.strip_prefix("/queue/").filter(|rest| !rest.is_empty() && !rest.contains('/'))?;
                Some(Self::Queue(percent_decode_str(pool).decode_utf8().ok()?.into_owned()))
            }
        }
    }
}

/// The metrics of all configured pools
fn metrics(service: &Service) -> Result<Answer, Failure> {
    let selectors = selectors(&service.inputs)?;
    let scope = look::scope(&service.inputs, &service.policy)?;
    service.look(&selectors, &scope, |snapshot, credential, taken_at| {
        let report = Report::new(&service.organization, credential, snapshot, &service.policy, taken_at);
        text(&Format::Prometheus.render(&report, &[], Style::new(false)))
    })
}

/// The queue of one pool, for a scaler. Where pools are configured, no other is told of.
fn queue(service: &Service, name: &str) -> Result<Answer, Failure> {
    let allowed = match service.inputs.get("pool") {
        Some(_) => selectors(&service.inputs)?,
        None => vec![PoolSelector::Pattern("*".into())],
    };
    let selector = PoolSelector::from_text(name);
    service.look(&[selector], &Scope::default(), |snapshot, _, taken_at| {
        let views = PoolView::all(snapshot, &service.policy, taken_at);
        let is_allowed = |view: &&PoolView<'_>| {
            let pool = &view.snapshot.pool;
            !pool.is_hosted && allowed.iter().any(|selector| selector.matches(pool))
        };
        match views.iter().find(is_allowed) {
            Some(view) => json(&queue_of(view, taken_at)),
            None if !snapshot.unread.is_empty() => error(503, "the pool can't be read; see the log"),
            None => error(404, "there is no such pool among those that are configured"),
        }
    })
}

/// The numbers, none of which is ever missing: a scaler takes what it can't read for an error.
fn queue_of(view: &PoolView<'_>, taken_at: SystemTime) -> serde_json::Value {
    let tally = &view.tally;
    json!({
        "pool": view.snapshot.pool.name,
        "poolId": view.snapshot.pool.id,
        "queued": tally.queued_jobs,
        "inFlight": tally.in_flight_jobs,
        "queuedAndInFlight": tally.queued_jobs + tally.in_flight_jobs,
        "oldestWaitSeconds": tally.oldest_wait_seconds.unwrap_or_default(),
        "busyAgents": tally.busy,
        "idleAgents": tally.idle,
        "takenAt": timestamp(taken_at),
    })
}

fn json(value: &serde_json::Value) -> Answer {
    Answer { status: 200, headers: vec![("content-type", "application/json".into())], body: document(value) }
}

fn text(body: &str) -> Answer {
    Answer {
        status: 200,
        headers: vec![("content-type", "text/plain; charset=utf-8".into())],
        body: body.to_owned(),
    }
}

fn error(status: u16, text: &str) -> Answer {
    let headers = vec![("content-type", "application/json".into())];
    Answer { status, headers, body: format!("{}\n", json!({ "error": text })) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_are_found_by_their_path() {
        assert_eq!(Page::at("/healthz"), Some(Page::Healthz));
        assert_eq!(Page::at("/metrics"), Some(Page::Metrics));
        for path in ["", "/", "*", "/nope", "/metrics/", "/Metrics", "//metrics", "/healthz/x", "/%6Detrics"]
        {
            assert_eq!(Page::at(path), None, "{path}");
        }
    }

    #[test]
    fn the_name_of_a_pool_is_decoded() {
        for (path, pool) in [
            ("/queue/linux", "linux"),
            ("/queue/Azure%20Pipelines", "Azure Pipelines"),
            ("/queue/a%2Fb", "a/b"),
            ("/queue/a+b", "a+b"),
            ("/queue/100%", "100%"),
            ("/queue/%C3%9F", "ß"),
        ] {
            assert_eq!(Page::at(path), Some(Page::Queue(pool.to_owned())), "{path}");
        }
        for path in ["/queue", "/queue/", "/queue/a/b", "/queue/a/", "/queue/%FF", "/queuelinux"] {
            assert_eq!(Page::at(path), None, "{path}");
        }
    }

    #[test]
    fn a_path_that_is_not_there_is_not_repeated() {
        let answer = ask("GET", "/nope<script>");
        assert_eq!(answer.status, 404);
        assert_eq!(answer.headers, [("content-type", "application/json".to_owned())]);
        assert_eq!(
            answer.body,
            "{\"error\":\"nothing is here; /metrics, /healthz and /queue/{pool} are\"}\n"
        );
    }

    #[test]
    fn other_methods_are_told_which_one_to_use() {
        for method in ["POST", "HEAD", "OPTIONS", "get", "PROPFIND"] {
            let answer = ask(method, "/metrics");
            assert_eq!(answer.status, 405, "{method}");
            assert!(answer.headers.contains(&("allow", "GET".to_owned())), "{method}");
            assert_eq!(ask(method, "/nope").status, 404, "{method}");
        }
    }

    #[test]
    fn a_wrong_configuration_is_not_told_to_whoever_asks() {
        let answer = ask("GET", "/metrics");
        assert_eq!(answer.status, 500);
        assert_eq!(answer.body, "{\"error\":\"the configuration is wrong; see the log\"}\n");
    }

    fn ask(method: &str, path: &str) -> Answer {
        let request = Incoming { method: method.into(), path: path.into(), query: "a=b".into() };
        handle(&request, Environment::default(), SystemTime::UNIX_EPOCH)
    }
}
