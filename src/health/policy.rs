//! What counts as healthy.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::finding::Severity;
use super::keda::Keda;
use super::rules::{RULES, Rule};
use crate::devops::Version;
use crate::inputs::{Given, Inputs, UsageError, nearest};

/// The thresholds that rules go by, and how bad their findings are
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Policy {
    /// The least number of agents that are online and enabled; nothing: one, but none in a pool that scales to zero
    pub min_online: Option<u32>,
    /// How long an agent may be offline
    pub offline_after: Duration,
    /// After how long offline an agent is most likely gone for good
    pub stale_after: Duration,
    /// How long an agent may be disabled without a job
    pub disabled_after: Duration,
    /// How many agents may be offline or disabled, in percent
    pub max_offline: u32,
    /// How many jobs may wait
    pub max_queued: Option<u32>,
    /// How long a job may wait
    pub max_wait: Duration,
    /// How long a pool that scales to zero may take to have an agent
    pub max_scale_time: Duration,
    /// How long a job may run
    pub max_job_time: Duration,
    /// How long an agent may take to update itself
    pub max_update_time: Duration,
    /// What an agent's version is compared with
    pub min_version: MinVersion,
    /// How many jobs in a row may fail on one agent
    pub max_failures: u32,
    /// The least severity that makes the verdict unhealthy; none: nothing does
    pub fail_on: Option<Severity>,
    /// Rules that are as bad as somebody says; none: off
    pub severities: BTreeMap<&'static str, Option<Severity>>,
    /// Patterns of agents that aren't looked at
    pub ignored_agents: Vec<String>,
    /// Patterns of agents that are meant to be offline
    pub placeholders: Vec<String>,
    /// The settings of KEDA's trigger, where there are some
    pub keda: Option<Keda>,
    /// The file that it was read from, where there was one
    pub file: Option<String>,
}

/// What an agent's version is compared with
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MinVersion {
    /// The version that most agents of the pool have
    Majority,
    /// The newest package
    Newest,
    /// This one
    Version(Version),
}

impl Policy {
    /// The policy that the inputs hold, those from a policy file among them
    ///
    /// # Errors
    /// [`UsageError`] for what can't be read or contradicts itself.
    pub fn from_inputs(inputs: &Inputs) -> Result<Self, UsageError> {
        let duration = |name| inputs.require(name)?.duration();
        let policy = Self {
            min_online: inputs.get("minOnline").map(Given::number).transpose()?,
            offline_after: duration("offlineAfter")?,
            stale_after: duration("staleAfter")?,
            disabled_after: duration("disabledAfter")?,
            max_offline: inputs.require("maxOffline")?.percentage()?,
            max_queued: inputs.get("maxQueued").map(Given::number).transpose()?,
            max_wait: duration("maxWait")?,
            max_scale_time: duration("maxScaleTime")?,
            max_job_time: duration("maxJobTime")?,
            max_update_time: duration("maxUpdateTime")?,
            min_version: min_version(inputs.require("minVersion")?)?,
            max_failures: inputs.require("maxFailures")?.positive()?,
            fail_on: match inputs.require("failOn")?.text() {
                "never" => None,
                "info" => Some(Severity::Info),
                "warning" => Some(Severity::Warning),
                _ => Some(Severity::Error),
            },
            severities: severities(inputs)?,
            ignored_agents: inputs.get("ignoreAgent").map(Given::list).unwrap_or_default(),
            placeholders: placeholders(inputs),
            keda: keda(inputs)?,
            file: inputs.get("policyFile").map(|given| given.text().to_owned()),
        };
        policy.without_contradiction(inputs)
    }

    /// How bad a rule's findings are; `None` where the rule is off
    pub fn severity(&self, rule: &Rule) -> Option<Severity> {
        self.severities.get(rule.id).copied().unwrap_or(Some(rule.severity))
    }

    /// A stale registration is offline for longer than one that is merely offline. Where only one of the two
    /// thresholds was given, the other follows.
    fn without_contradiction(mut self, inputs: &Inputs) -> Result<Self, UsageError> {
        if self.stale_after >= self.offline_after {
            return Ok(self);
        }
        let (offline, stale) = (inputs.require("offlineAfter")?, inputs.require("staleAfter")?);
        match (offline.is_default(), stale.is_default()) {
            (true, _) => self.offline_after = self.stale_after,
            (_, true) => self.stale_after = self.offline_after,
            _ => {
                return Err(UsageError::new(
                    format!(
                        "`{}` (`{}`) is shorter than `{}` (`{}`)",
                        stale.source,
                        stale.text(),
                        offline.source,
                        offline.text()
                    ),
                    "an agent is stale after it is offline: give `staleAfter` the longer time",
                ));
            }
        }
        Ok(self)
    }
}

fn min_version(given: &Given) -> Result<MinVersion, UsageError> {
    match given.text() {
        "newest" => Ok(MinVersion::Newest),
        "majority" => Ok(MinVersion::Majority),
        text => Version::parse(text).map(MinVersion::Version).ok_or_else(|| {
            given.wrong("isn't a version", "`newest`, `majority`, or a version such as `4.266.2`")
        }),
    }
}

fn severities(inputs: &Inputs) -> Result<BTreeMap<&'static str, Option<Severity>>, UsageError> {
    let mut severities = BTreeMap::new();
    let Some(given) = inputs.get("severity") else { return Ok(severities) };
    for setting in given.list() {
        let right = "a rule and what its findings are, such as `agent-offline=off` (`off`, `info`, `warning`, `error`)";
        let wrong = |problem: String, right: &str| {
            UsageError::new(format!("`{}`: `{setting}` {problem}", given.source), format!("give {right}"))
        };
        let (id, severity) =
            setting.split_once('=').ok_or_else(|| wrong("names no severity".into(), right))?;
        let (id, severity) = (id.trim(), severity.trim());
        let Some(rule) = RULES.iter().find(|rule| rule.id == id) else {
            let right = match nearest(id, RULES.iter().map(|rule| rule.id)) {
                Some(near) => format!("`{near}={severity}`? docs/rules.md lists all rules"),
                None => "the id of a rule; docs/rules.md lists them".to_owned(),
            };
            return Err(wrong(format!("is about a rule that there isn't: `{id}`"), &right));
        };
        let severity = match severity.to_ascii_lowercase().as_str() {
            "off" => None,
            "info" => Some(Severity::Info),
            "warning" => Some(Severity::Warning),
            "error" => Some(Severity::Error),
            other => return Err(wrong(format!("has an unknown severity: `{other}`"), right)),
        };
        if severities.insert(rule.id, severity).is_some() {
            return Err(wrong("is about a rule that stands there twice".into(), "each rule once"));
        }
    }
    Ok(severities)
}

/// KEDA's parent is a placeholder too.
fn placeholders(inputs: &Inputs) -> Vec<String> {
    let mut placeholders = inputs.get("placeholder").map(Given::list).unwrap_or_default();
    placeholders.extend(inputs.get("kedaParent").map(|given| given.text().to_owned()));
    placeholders
}

fn keda(inputs: &Inputs) -> Result<Option<Keda>, UsageError> {
    let text = |name| inputs.get(name).map(|given| given.text().to_owned()).unwrap_or_default();
    let flag = |name| inputs.require(name)?.boolean();
    let keda = Keda {
        parent: text("kedaParent"),
        demands: text("kedaDemands"),
        require_all_demands: flag("kedaRequireAllDemands")?,
        require_all_demands_and_ignore_others: flag("kedaRequireAllDemandsAndIgnoreOthers")?,
        case_insensitive_demands_processing: flag("kedaCaseInsensitiveDemandsProcessing")?,
    };
    if keda.require_all_demands && keda.require_all_demands_and_ignore_others {
        return Err(UsageError::contradiction(
            inputs.require("kedaRequireAllDemands")?,
            inputs.require("kedaRequireAllDemandsAndIgnoreOthers")?,
        ));
    }
    let is_given = !keda.parent.is_empty() || !keda.demands.is_empty();
    Ok(is_given.then_some(keda))
}

/// The policy as a report shows it
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    source: &'a str,
    min_online: Option<u32>,
    offline_after_seconds: u64,
    stale_after_seconds: u64,
    disabled_after_seconds: u64,
    max_offline_percent: u32,
    max_queued: Option<u32>,
    max_wait_seconds: u64,
    max_scale_time_seconds: u64,
    max_job_time_seconds: u64,
    max_update_time_seconds: u64,
    min_version: String,
    max_failures: u32,
    fail_on: &'static str,
    severities: BTreeMap<&'static str, &'static str>,
    ignored_agents: &'a [String],
    placeholders: &'a [String],
    keda: Option<&'a Keda>,
}

impl Serialize for Policy {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Shown {
            source: self.file.as_deref().unwrap_or("inputs"),
            min_online: self.min_online,
            offline_after_seconds: self.offline_after.as_secs(),
            stale_after_seconds: self.stale_after.as_secs(),
            disabled_after_seconds: self.disabled_after.as_secs(),
            max_offline_percent: self.max_offline,
            max_queued: self.max_queued,
            max_wait_seconds: self.max_wait.as_secs(),
            max_scale_time_seconds: self.max_scale_time.as_secs(),
            max_job_time_seconds: self.max_job_time.as_secs(),
            max_update_time_seconds: self.max_update_time.as_secs(),
            min_version: match self.min_version {
                MinVersion::Majority => "majority".into(),
                MinVersion::Newest => "newest".into(),
                MinVersion::Version(version) => version.to_string(),
            },
            max_failures: self.max_failures,
            fail_on: self.fail_on.map_or("never", Severity::name),
            severities: self
                .severities
                .iter()
                .map(|(rule, severity)| (*rule, severity.map_or("off", Severity::name)))
                .collect(),
            ignored_agents: &self.ignored_agents,
            placeholders: &self.placeholders,
            keda: self.keda.as_ref(),
        }
        .serialize(serializer)
    }
}
