//! The list of rules, and how they are applied.

use std::time::SystemTime;

use super::finding::{Finding, Severity};
use super::policy::Policy;
use super::{agent_rules, pool_rules, queue_rules};
use crate::devops::{PoolSnapshot, Snapshot};

/// A rule: one question about one pool
#[derive(Debug)]
pub struct Rule {
    /// Its id, in kebab-case; it stands in reports and never changes its meaning
    pub id: &'static str,
    /// How bad its findings are
    pub severity: Severity,
    /// Looks at a pool.
    pub look: fn(&PoolSnapshot, &Context<'_>) -> Vec<Finding>,
}

/// What a rule goes by, besides the pool
#[derive(Debug)]
pub struct Context<'a> {
    /// The rule that is being applied
    pub rule: &'a Rule,
    /// The thresholds
    pub policy: &'a Policy,
    /// The moment of the snapshot
    pub now: SystemTime,
}

/// All rules that look at a pool, in the order of a report
pub const RULES: &[Rule] = &[
    pool_rules::EMPTY,
    pool_rules::OFFLINE,
    pool_rules::DISABLED,
    pool_rules::BELOW_MIN_ONLINE,
    pool_rules::OFFLINE_RATIO,
    queue_rules::LENGTH,
    queue_rules::WAIT,
    agent_rules::OFFLINE,
    agent_rules::OUTDATED,
];

/// Applies all rules.
pub fn assess(snapshot: &Snapshot, policy: &Policy, now: SystemTime) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        snapshot.missing.iter().map(|selector| pool_rules::not_visible(selector, snapshot)).collect();
    for pool in snapshot.pools.iter().filter(|snapshot| !snapshot.pool.is_hosted) {
        for rule in RULES {
            findings.extend((rule.look)(pool, &Context { rule, policy, now }));
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
        }
    }
}
