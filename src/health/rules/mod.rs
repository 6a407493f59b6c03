//! The list of rules, and how they are applied. One file a family.

mod agent_connection;
mod agent_job;
mod agent_setup;
mod elastic;
mod keda;
mod organization;
mod pool;
mod queue;

pub use organization::not_visible;

use super::finding::{Finding, Found, Severity};
use super::policy::Policy;
use super::view::PoolView;
use crate::devops::Snapshot;

/// A rule: one question, about one pool or about all that was read
///
/// Its texts are what `docs/rules.md` says of it.
#[derive(Debug)]
pub struct Rule {
    /// Its id, in kebab-case; it stands in reports and never changes its meaning
    pub id: &'static str,
    /// How bad its findings are, unless the policy says otherwise
    pub severity: Severity,
    /// What a finding means, and when there is none
    pub means: &'static str,
    /// The values that it goes by, with what each is
    pub evidence: &'static [(&'static str, &'static str)],
    /// The inputs that tune it
    pub inputs: &'static [&'static str],
    /// What to do
    pub advice: &'static str,
    /// How it looks
    pub look: Look,
}

impl Rule {
    /// Whether it has anything to look at in a pool: what only scale sets or KEDA have, others lack.
    pub fn concerns(&self, view: &PoolView<'_>) -> bool {
        let is_scaled_by_keda = view.policy.keda.is_some() || !view.policy.placeholders.is_empty();
        match self.id.split_once('-') {
            Some(("elastic", _)) => view.snapshot.elastic.is_some(),
            Some(("keda", "placeholder-demands")) => is_scaled_by_keda || view.tally.placeholders > 0,
            Some(("keda", _)) => is_scaled_by_keda,
            _ => self.id != pool::NOT_SCALING.id || view.kind.scales_to_zero(),
        }
    }

    /// Whether what it looks at was read at all
    pub fn concerns_all(&self, snapshot: &Snapshot) -> bool {
        self.id != organization::SERVICE_INCIDENT.id || snapshot.is_status_page_read
    }
}

/// How a rule looks
#[derive(Debug)]
pub enum Look {
    /// At all that was read, pools that weren't found among them
    Everything(fn(&Snapshot) -> Vec<Found>),
    /// At each pool that Microsoft doesn't host
    Pool(fn(&PoolView<'_>) -> Vec<Found>),
    /// At all these pools together
    Pools(fn(&[&PoolView<'_>]) -> Vec<Found>),
}

/// All rules, in the order of a report
pub const RULES: &[Rule] = &[
    organization::NOT_VISIBLE,
    organization::UNREADABLE,
    organization::SERVICE_INCIDENT,
    pool::EMPTY,
    pool::OFFLINE,
    pool::DISABLED,
    pool::BELOW_MIN_ONLINE,
    pool::OFFLINE_RATIO,
    pool::NOT_SCALING,
    pool::AUTO_UPDATE_OFF,
    pool::MAINTENANCE_FAILING,
    elastic::UNHEALTHY,
    elastic::OFFLINE,
    elastic::SIZING,
    elastic::NODES_FAILED,
    keda::PLACEHOLDER_MISSING,
    keda::PLACEHOLDER_ONLINE,
    keda::PLACEHOLDER_DEMANDS,
    keda::UNSEEN_JOBS,
    keda::COUNT,
    queue::LENGTH,
    queue::WAIT,
    queue::DEMANDS_UNMET,
    queue::AGENTS_OUT_OF_SERVICE,
    queue::AGENTS_BUSY,
    queue::PARALLEL_JOBS,
    queue::ABANDONED,
    agent_job::LOST,
    agent_job::LONG,
    agent_job::FAILING,
    agent_connection::OFFLINE,
    agent_connection::NEVER_CONNECTED,
    agent_connection::STALE,
    agent_connection::DISABLED,
    agent_setup::OUTDATED,
    agent_setup::UPDATE_STUCK,
    agent_setup::DUPLICATE,
    agent_setup::SECRET_CAPABILITY,
];

/// Whether any of these rules is on, so that what only they need must be read
pub fn needs_history(policy: &Policy) -> bool {
    [agent_job::FAILING, queue::ABANDONED].iter().any(|rule| policy.severity(rule).is_some())
}

/// The same for maintenance jobs
pub fn needs_maintenance(policy: &Policy) -> bool {
    policy.severity(&pool::MAINTENANCE_FAILING).is_some()
}

/// Applies all rules that are on to all that was read, and to the views of its pools.
pub fn assess(snapshot: &Snapshot, views: &[PoolView<'_>], policy: &Policy) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut apply = |rule: &'static Rule, found: Vec<Found>| {
        let Some(severity) = policy.severity(rule) else { return };
        findings.extend(found.into_iter().map(|found| Finding {
            rule: rule.id,
            severity,
            subject: found.subject,
            message: found.message,
            evidence: found.evidence,
            advice: found.advice.unwrap_or_else(|| rule.advice.to_owned()),
        }));
    };
    for rule in RULES {
        if let Look::Everything(look) = rule.look {
            apply(rule, look(snapshot));
        }
    }
    let judged: Vec<&PoolView<'_>> = views.iter().filter(|view| !view.snapshot.pool.is_hosted).collect();
    for view in &judged {
        for rule in RULES.iter().filter(|rule| policy.severity(rule).is_some()) {
            if let Look::Pool(look) = rule.look {
                apply(rule, look(view));
            }
        }
    }
    for rule in RULES.iter().filter(|rule| policy.severity(rule).is_some()) {
        if let Look::Pools(look) = rule.look {
            apply(rule, look(&judged));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_in_kebab_case() {
        for (index, rule) in RULES.iter().enumerate() {
            assert!(rule.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", rule.id);
            assert!(RULES[index + 1..].iter().all(|other| other.id != rule.id), "{}", rule.id);
            for input in rule.inputs {
                assert!(crate::inputs::input(input).is_some(), "{}: {input}", rule.id);
            }
        }
    }
}
