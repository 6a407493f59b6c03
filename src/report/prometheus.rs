//! A report as metrics: Prometheus' text format 0.0.4, by its conventions for names.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::SystemTime;

use super::{Report, clean};
use crate::health::{Finding, PoolView, State};

/// What each metric says; all are gauges, and their names begin with `pool_lifeguard_`
const METRICS: &[(&str, &str)] = &[
    ("build_info", "The version of Pool Lifeguard."),
    ("snapshot_timestamp_seconds", "When Azure DevOps was asked."),
    ("pool_info", "A pool, what it is called and how it comes by its agents."),
    ("pool_healthy", "Whether no finding about the pool is as bad as failOn."),
    ("pool_unreadable", "A pool that was found, but couldn't be read."),
    ("pool_agents", "The agents of a pool by state, each counted once."),
    ("pool_usage_ratio", "The busy ones of the agents that are online and enabled."),
    ("pool_queued_jobs", "Jobs that wait for an agent to be chosen."),
    ("pool_in_flight_jobs", "Jobs that have an agent, taken by it or not."),
    ("pool_oldest_wait_seconds", "How long the oldest queued job has waited; 0 where none waits."),
    ("pool_waiting_jobs", "Jobs that no agent works on yet, by what they wait for."),
    ("agent_info", "An agent, what it runs on and its state."),
    ("agent_created_timestamp_seconds", "When an agent was registered."),
    ("agent_status_changed_timestamp_seconds", "When an agent last went online or offline."),
    ("agent_job_start_timestamp_seconds", "When an agent began to work on its job."),
    ("findings", "Findings by pool and rule; those about no pool have an empty one."),
    ("parallel_jobs_used", "Parallel jobs of the organization in use, by the kind of project."),
    ("parallel_jobs_limit", "Parallel jobs that the organization has, by the kind of project."),
    ("incident", "What isn't healthy on the status page of Azure DevOps."),
];

/// The report
pub fn render(report: &Report<'_>) -> String {
    let mut metrics = Metrics::default();
    metrics.set("build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    metrics.set("snapshot_timestamp_seconds", &[], epoch(report.taken_at));
    for view in &report.pools {
        metrics.add_pool(report, view);
    }
    for unread in &report.snapshot.unread {
        let id = unread.pool.id.to_string();
        metrics.set("pool_unreadable", &[("pool", &unread.pool.name), ("pool_id", &id)], 1);
    }
    for finding in report.other_findings().filter(|finding| !finding.subject.pool.is_empty()) {
        // A pool that isn't seen any more must not look as if nothing were wrong.
        let id = finding.subject.pool_id.map(|id| id.to_string()).unwrap_or_default();
        let labels = [("pool", finding.subject.pool.as_str()), ("pool_id", &id)];
        metrics.set("pool_healthy", &labels, healthy(report, &[finding]));
    }
    for finding in &report.findings {
        let id = finding.subject.pool_id.map(|id| id.to_string()).unwrap_or_default();
        let (rule, severity) = (finding.rule, finding.severity.name());
        let pool = finding.subject.pool.as_str();
        let labels = [("pool", pool), ("pool_id", &id), ("rule", rule), ("severity", severity)];
        metrics.count("findings", &labels);
    }
    for usage in &report.snapshot.parallel_jobs {
        let kind = usage.kind.to_lowercase();
        metrics.set("parallel_jobs_used", &[("kind", &kind)], usage.used);
        if let Some(total) = usage.total {
            metrics.set("parallel_jobs_limit", &[("kind", &kind)], total);
        }
    }
    for incident in &report.snapshot.incidents {
        let labels = [
            ("service", incident.service.as_str()),
            ("geography", &incident.geography_id),
            ("health", &incident.health),
        ];
        metrics.set("incident", &labels, 1);
    }
    metrics.text()
}

/// Values by metric and labels, so that no series is there twice and those of a metric stand together
#[derive(Default)]
struct Metrics {
    /// By the two digits of a metric's place among all, and the labels; ratios in 1/10,000
    values: BTreeMap<String, u64>,
}

impl Metrics {
    fn add_pool(&mut self, report: &Report<'_>, view: &PoolView<'_>) {
        let (pool, tally) = (&view.snapshot.pool, &view.tally);
        let id = pool.id.to_string();
        let of_pool = [("pool", pool.name.as_str()), ("pool_id", id.as_str())];
        let [name, pool_id] = of_pool;
        let labels = [
            name,
            pool_id,
            ("kind", view.kind.name()),
            ("type", &pool.pool_type),
            ("hosted", boolean(pool.is_hosted)),
        ];
        self.set("pool_info", &labels, 1);
        if pool.is_hosted {
            return;
        }
        self.set("pool_healthy", &of_pool, healthy(report, &report.findings_of(view)));
        for (state, agents) in [
            (State::Busy, tally.busy),
            (State::Idle, tally.idle),
            (State::Offline, tally.offline),
            (State::Disabled, tally.disabled),
            (State::Placeholder, tally.placeholders),
        ] {
            self.set("pool_agents", &[name, pool_id, ("state", state.name())], agents as u64);
        }
        let available = tally.available();
        if let Some(ratio) = (tally.busy * 10_000 + available / 2).checked_div(available) {
            self.set("pool_usage_ratio", &of_pool, ratio as u64);
        }
        self.set("pool_queued_jobs", &of_pool, tally.queued_jobs as u64);
        self.set("pool_in_flight_jobs", &of_pool, tally.in_flight_jobs as u64);
        self.set("pool_oldest_wait_seconds", &of_pool, tally.oldest_wait_seconds.unwrap_or_default());
        for waiting in view.waiting() {
            self.count("pool_waiting_jobs", &[name, pool_id, ("cause", waiting.cause.name())]);
        }
        for agent in &view.snapshot.agents {
            let id = agent.id.to_string();
            let of_agent = [name, pool_id, ("agent", agent.name.as_str()), ("agent_id", &id)];
            let [_, _, agent_name, agent_id] = of_agent;
            let labels = [
                name,
                pool_id,
                agent_name,
                agent_id,
                ("version", &agent.version),
                ("os", agent.capability("Agent.OS").unwrap_or_default()),
                ("computer", agent.capability("Agent.ComputerName").unwrap_or_default()),
                ("enabled", boolean(agent.is_enabled())),
                ("status", &agent.status),
                ("state", view.state(agent).name()),
            ];
            self.set("agent_info", &labels, 1);
            if let Some(created) = agent.created_on {
                self.set("agent_created_timestamp_seconds", &of_agent, epoch(created));
            }
            if let Some(changed) = agent.status_changed_on {
                self.set("agent_status_changed_timestamp_seconds", &of_agent, epoch(changed));
            }
            let Some(request) = &agent.assigned_request else { continue };
            let request_id = request.request_id.to_string();
            let labels = [
                name,
                pool_id,
                agent_name,
                agent_id,
                ("pipeline", request.pipeline().unwrap_or_default()),
                ("request_id", &request_id),
            ];
            if let Some(start) = request.receive_time.or(request.assign_time) {
                self.set("agent_job_start_timestamp_seconds", &labels, epoch(start));
            }
        }
    }

    /// The value of a series, unless it has one
    fn set(&mut self, metric: &str, labels: &[(&str, &str)], value: u64) {
        self.values.entry(series(metric, labels)).or_insert(value);
    }

    /// One more of these
    fn count(&mut self, metric: &str, labels: &[(&str, &str)]) {
        *self.values.entry(series(metric, labels)).or_insert(0) += 1;
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (place, (name, help)) in METRICS.iter().enumerate() {
            let digits = format!("{place:02}");
            let mut is_first = true;
            for (series, value) in self.values.iter().filter(|(series, _)| series.starts_with(&digits)) {
                if is_first {
                    let _ = write!(
                        text,
                        "# HELP pool_lifeguard_{name} {help}\n# TYPE pool_lifeguard_{name} gauge\n"
                    );
                }
                is_first = false;
                let _ = write!(text, "pool_lifeguard_{name}{} ", &series[digits.len()..]);
                let _ = match name.ends_with("_ratio") {
                    true => writeln!(text, "{}.{:04}", value / 10_000, value % 10_000),
                    false => writeln!(text, "{value}"),
                };
            }
        }
        text
    }
}

/// A series as it is kept
fn series(metric: &str, labels: &[(&str, &str)]) -> String {
    let place = METRICS.iter().position(|(name, _)| *name == metric);
    debug_assert!(place.is_some(), "a metric that says nothing of itself: {metric}");
    let mut series = format!("{:02}", place.unwrap_or_default());
    for (index, (label, value)) in labels.iter().enumerate() {
        series.push(if index == 0 { '{' } else { ',' });
        series.push_str(label);
        series.push_str("=\"");
        push_escaped(&mut series, value);
        series.push('"');
    }
    if !labels.is_empty() {
        series.push('}');
    }
    series
}

/// A label's value: made harmless, which leaves no line breaks, and with the marks escaped that end it.
fn push_escaped(text: &mut String, value: &str) {
    for character in clean(value).chars() {
        if matches!(character, '"' | '\\') {
            text.push('\\');
        }
        text.push(character);
    }
}

fn healthy(report: &Report<'_>, findings: &[&Finding]) -> u64 {
    let is_bad = |finding: &&Finding| report.policy.fail_on.is_some_and(|least| finding.severity >= least);
    u64::from(!findings.iter().any(is_bad))
}

fn boolean(is: bool) -> &'static str {
    if is { "true" } else { "false" }
}

fn epoch(moment: SystemTime) -> u64 {
    moment.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::markdown::fixture::hostile;
    use super::*;

    #[test]
    fn no_series_is_there_twice_and_no_name_breaks_out() {
        hostile(|report| {
            let text = render(report);
            assert!(!text.to_lowercase().contains("##vso[") && !text.contains(['\u{1b}', '\u{202e}', '\r']));
            let mut series = BTreeSet::new();
            for line in text.lines() {
                assert!(line.starts_with("pool_lifeguard_") || line.starts_with("# "), "{line}");
                let Some((one, value)) = line.rsplit_once(' ').filter(|_| !line.starts_with('#')) else {
                    continue;
                };
                assert!(value.parse::<f64>().is_ok() && series.insert(one), "{line}");
                // Between escapes only the quotes of labels are left, two a label.
                let bare = one.replace("\\\\", "").replace("\\\"", "");
                assert_eq!(bare.matches('"').count(), bare.matches("=\"").count() * 2, "{line}");
            }
            assert_eq!(series.iter().filter(|one| one.starts_with("pool_lifeguard_agent_info{")).count(), 22);
        });
    }

    #[test]
    fn a_pool_is_told_in_numbers() {
        hostile(|report| {
            let text = render(report);
            let value = |name: &str, label: &str| {
                let of = format!("pool_lifeguard_{name}{{");
                let line = text.lines().find(|line| line.starts_with(&of) && line.contains(label));
                line.and_then(|line| line.rsplit(' ').next()).unwrap_or("none").to_owned()
            };
            for (name, label, expected) in [
                ("pool_agents", "state=\"busy\"", "1"),
                ("pool_agents", "state=\"offline\"", "9"),
                ("pool_usage_ratio", "pool_id=\"7\"", "0.5000"),
                ("pool_usage_ratio", "pool_id=\"9\"", "none"),
                ("pool_oldest_wait_seconds", "pool_id=\"8\"", "1800"),
                ("pool_waiting_jobs", "cause=\"demands-unmet\"", "1"),
                ("pool_healthy", "pool_id=\"\"", "0"),
                ("findings", "rule=\"pool-not-visible\"", "1"),
                ("parallel_jobs_limit", "kind=\"private\"", "2"),
                ("agent_job_start_timestamp_seconds", "request_id=\"1\"", "1793606402"),
            ] {
                assert_eq!(value(name, label), expected, "{name} {label}");
            }
        });
    }
}
