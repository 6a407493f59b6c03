//! The queue as KEDA's azure-pipelines scaler counts it.
//!
//! What it does is in KEDA's `pkg/scalers/azure_pipelines_scaler.go`; its quirks are kept, since they are what a
//! job waits for.

use serde::Serialize;

use super::tally::waiting;
use crate::devops::{JobRequest, PoolSnapshot};

/// Demands that start so are added by Azure DevOps, and KEDA strikes them out.
const STRUCK_OUT: &str = "Agent.Version";

/// The settings of the trigger, by KEDA's own names
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Keda {
    /// The name of the placeholder agent; empty for none
    pub parent: String,
    /// Demands, separated by commas, not trimmed; empty for none
    pub demands: String,
    /// Count a job only where its demands are these, no more and no fewer
    pub require_all_demands: bool,
    /// Count a job only where it has all of these, whatever else it has
    pub require_all_demands_and_ignore_others: bool,
    /// Compare without letter case
    pub case_insensitive_demands_processing: bool,
}

/// The queue in three ways of counting
#[derive(Debug)]
pub struct Counts<'a> {
    /// By KEDA 2.20 and later: no agent has taken the job
    pub newer: usize,
    /// By KEDA before 2.20: the job hasn't ended
    pub older: usize,
    /// By us: no agent has been chosen for the job
    pub ours: usize,
    /// Jobs that wait and that KEDA doesn't see, so that it starts no agent for them
    pub unseen: Vec<&'a JobRequest>,
    /// Jobs that KEDA counts and that have an agent which hasn't taken them yet
    pub assigned: usize,
    /// Jobs that KEDA before 2.20 counts and that run
    pub running: usize,
}

impl Keda {
    /// Whether the scaler would count a job that is queued
    pub fn sees(&self, request: &JobRequest) -> bool {
        match (self.parent.is_empty(), self.demands.is_empty()) {
            (true, true) => true,
            (true, false) => self.demands_match(request),
            (false, _) => request.matched_agents.iter().flatten().any(|agent| agent.name == self.parent),
        }
    }

    fn demands_match(&self, request: &JobRequest) -> bool {
        let of_job: Vec<&str> = request
            .demands
            .iter()
            .map(String::as_str)
            .filter(|demand| !demand.starts_with(STRUCK_OUT))
            .collect();
        let of_scaler: Vec<&str> =
            self.demands.split(',').filter(|demand| !demand.starts_with(STRUCK_OUT)).collect();
        let is_same = |one: &str, other: &str| match self.case_insensitive_demands_processing {
            true => one.to_lowercase() == other.to_lowercase(),
            false => one == other,
        };
        // Pairs are counted, not members: a demand that stands twice counts twice.
        let common = of_job
            .iter()
            .flat_map(|one| of_scaler.iter().map(move |other| (one, other)))
            .filter(|(one, other)| is_same(one, other))
            .count();
        if self.require_all_demands {
            common == of_job.len() && common == of_scaler.len()
        } else if self.require_all_demands_and_ignore_others {
            common == of_scaler.len()
        } else {
            common == of_job.len()
        }
    }

    /// Counts a pool's queue.
    pub fn count<'a>(&self, snapshot: &'a PoolSnapshot) -> Counts<'a> {
        let counted: Vec<&JobRequest> =
            snapshot.job_requests.iter().filter(|request| self.sees(request)).collect();
        let running = counted.iter().filter(|request| request.receive_time.is_some()).count();
        Counts {
            newer: counted.len() - running,
            older: counted.len(),
            ours: waiting(snapshot).count(),
            unseen: waiting(snapshot).filter(|request| !self.sees(request)).collect(),
            assigned: counted.iter().filter(|request| request.is_assigned_only()).count(),
            running,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(demands: &[&str]) -> JobRequest {
        let text = serde_json::json!({ "demands": demands });
        JobRequest::read(&text)
    }

    #[test]
    fn demands_are_compared_as_keda_does() {
        let plain = Keda { demands: "java,docker".into(), ..Keda::default() };
        let all = Keda { require_all_demands: true, ..plain.clone() };
        let ignoring = Keda { require_all_demands_and_ignore_others: true, ..plain.clone() };
        let folded = Keda { case_insensitive_demands_processing: true, ..plain.clone() };
        for (demands, by_plain, by_all, by_ignoring, by_folded) in [
            (&[][..], true, false, false, true),
            (&["java"][..], true, false, false, true),
            (&["java", "docker"][..], true, true, true, true),
            (&["java", "docker", "gpu"][..], false, false, true, false),
            (&["Java"][..], false, false, false, true),
            (&["java", "Agent.Version -gtVersion 2.182.1"][..], true, false, false, true),
            // Each pair counts, so that one demand twice passes for two.
            (&["java", "java"][..], true, true, true, true),
        ] {
            let seen = [&plain, &all, &ignoring, &folded].map(|keda| keda.sees(&job(demands)));
            assert_eq!(seen, [by_plain, by_all, by_ignoring, by_folded], "{demands:?}");
        }
        // The list isn't trimmed.
        let spaced = Keda { demands: "java, docker".into(), ..Keda::default() };
        assert!(!spaced.sees(&job(&["docker"])));
    }

    #[test]
    fn a_parent_is_looked_for_by_its_exact_name_and_demands_are_not_looked_at() {
        let keda = Keda { parent: "template".into(), demands: "java".into(), ..Keda::default() };
        let matched = |name: &str| {
            let text = format!(r#"{{"matchedAgents":[{{"id":1,"name":"{name}"}}],"demands":["gpu"]}}"#);
            JobRequest::read(&serde_json::from_str(&text).expect("JSON"))
        };
        assert!(keda.sees(&matched("template")));
        assert!(!keda.sees(&matched("Template")));
        assert!(!keda.sees(&job(&["java"])));
    }

    #[test]
    fn what_runs_is_counted_by_older_versions_only() {
        let request = |text: &str| JobRequest::read(&serde_json::from_str(text).expect("JSON"));
        let snapshot = PoolSnapshot {
            job_requests: vec![
                request(r#"{"requestId":1}"#),
                request(r#"{"requestId":2,"assignTime":"2026-11-02T08:00:00Z"}"#),
                request(
                    r#"{"requestId":3,"assignTime":"2026-11-02T08:00:00Z","receiveTime":"2026-11-02T08:00:03Z"}"#,
                ),
            ],
            ..PoolSnapshot::default()
        };
        let counts = Keda::default().count(&snapshot);
        assert_eq!((counts.ours, counts.newer, counts.older), (1, 2, 3));
        assert_eq!((counts.assigned, counts.running, counts.unseen.len()), (1, 1, 0));
    }
}
