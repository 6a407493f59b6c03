//! Job requests: jobs that wait for an agent, have one, or had one.

use std::time::SystemTime;

use serde_json::Value;

use super::demands::Demand;
use super::reading::{number, object, text, timestamp};

/// A job's request for an agent
///
/// It is queued, then assigned to an agent, then received by it, then finished.
#[derive(Clone, Debug, Default)]
pub struct JobRequest {
    /// Its id in the pool
    pub request_id: u64,
    /// When it joined the queue
    pub queue_time: Option<SystemTime>,
    /// When an agent was chosen
    pub assign_time: Option<SystemTime>,
    /// When that agent took it
    pub receive_time: Option<SystemTime>,
    /// When it ended
    pub finish_time: Option<SystemTime>,
    /// Until when the agent need not report; it renews this while it works
    pub locked_until: Option<SystemTime>,
    /// How it ended, as text or number; a name that isn't known here is an end too
    result: Option<Value>,
    /// What it wants of an agent
    pub demands: Vec<String>,
    /// The agents that meet its demands, online or not; nothing where Azure DevOps doesn't say
    pub matched_agents: Option<Vec<AgentReference>>,
    matches_all_agents_in_pool: bool,
    /// The agent that was chosen
    pub reserved_agent: Option<AgentReference>,
    /// The name of the job in its pipeline
    pub job_name: String,
    pipeline: String,
    run: String,
    parallelism: String,
}

/// An agent as a job request speaks of it
#[derive(Clone, Debug, Default)]
pub struct AgentReference {
    /// Its id in the pool
    pub id: u64,
    /// Its name
    pub name: String,
}

impl AgentReference {
    fn read(value: &Value) -> Self {
        Self { id: number(value, "id"), name: text(value, "name") }
    }
}

impl JobRequest {
    /// Reads what Azure DevOps says of it.
    pub fn read(value: &Value) -> Self {
        let demands = value["demands"].as_array().into_iter().flatten();
        let matched = value["matchedAgents"].as_array();
        Self {
            request_id: number(value, "requestId"),
            queue_time: timestamp(value, "queueTime"),
            assign_time: timestamp(value, "assignTime"),
            receive_time: timestamp(value, "receiveTime"),
            finish_time: timestamp(value, "finishTime"),
            locked_until: timestamp(value, "lockedUntil"),
            result: Some(value["result"].clone()).filter(|result| !result.is_null()),
            demands: demands.filter_map(Value::as_str).map(str::to_owned).collect(),
            matched_agents: matched.map(|agents| agents.iter().map(AgentReference::read).collect()),
            matches_all_agents_in_pool: value["matchesAllAgentsInPool"] == true,
            reserved_agent: object(value, "reservedAgent", AgentReference::read),
            job_name: text(value, "jobName"),
            pipeline: text(&value["definition"], "name"),
            run: text(&value["owner"], "name"),
            parallelism: text(&value["data"], "ParallelismTag"),
        }
    }

    /// Whether it has ended
    pub fn is_finished(&self) -> bool {
        self.result.is_some() || self.finish_time.is_some()
    }

    /// Whether it waits for an agent to be chosen
    pub fn is_waiting(&self) -> bool {
        !self.is_finished() && self.assign_time.is_none() && self.receive_time.is_none()
    }

    /// Whether an agent has been chosen that hasn't taken it yet
    pub fn is_assigned_only(&self) -> bool {
        !self.is_finished() && self.assign_time.is_some() && self.receive_time.is_none()
    }

    /// Whether an agent works on it
    pub fn is_running(&self) -> bool {
        !self.is_finished() && self.receive_time.is_some()
    }

    /// Whether it ended badly by the agent's or the pipeline's fault
    pub fn is_failed(&self) -> bool {
        self.ended_as("failed", 2) || self.is_abandoned()
    }

    /// Whether its agent was lost while it worked on it
    pub fn is_abandoned(&self) -> bool {
        self.ended_as("abandoned", 5)
    }

    /// Whether it ended well
    pub fn is_succeeded(&self) -> bool {
        self.ended_as("succeeded", 0) || self.ended_as("succeededWithIssues", 1)
    }

    fn ended_as(&self, name: &str, number: u64) -> bool {
        match &self.result {
            Some(Value::String(result)) => result.eq_ignore_ascii_case(name),
            Some(Value::Number(result)) => result.as_u64() == Some(number),
            _ => false,
        }
    }

    /// The pipeline that it belongs to
    pub fn pipeline(&self) -> Option<&str> {
        Some(self.pipeline.as_str()).filter(|name| !name.is_empty())
    }

    /// The run that it belongs to
    pub fn run(&self) -> Option<&str> {
        Some(self.run.as_str()).filter(|name| !name.is_empty())
    }

    /// What it is called in a sentence: "`web-ci` (run 20261102.4)"
    pub fn title(&self) -> String {
        match (self.pipeline(), self.run()) {
            (Some(pipeline), Some(run)) => format!("`{pipeline}` (run {run})"),
            (Some(pipeline), None) => format!("`{pipeline}`"),
            (None, _) => format!("job request {}", self.request_id),
        }
    }

    /// Its demands, those that Azure DevOps added itself included
    pub fn demands(&self) -> impl Iterator<Item = Demand<'_>> {
        self.demands.iter().map(|text| Demand::parse(text))
    }

    /// Whether its demands keep no agent of the pool away
    pub fn matches_all_agents(&self) -> bool {
        self.matches_all_agents_in_pool
    }

    /// Which parallel jobs it counts against: `Private` or `Public`
    pub fn parallelism(&self) -> &str {
        &self.parallelism
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(text: &str) -> JobRequest {
        JobRequest::read(&serde_json::from_str(text).expect("JSON"))
    }

    #[test]
    fn a_request_waits_until_it_has_an_agent_or_an_end() {
        assert!(request(r#"{"requestId":1,"queueTime":"2026-11-02T08:00:00Z"}"#).is_waiting());
        assert!(request(r#"{"requestId":1,"result":null,"assignTime":null}"#).is_waiting());
        assert!(!request(r#"{"requestId":1,"assignTime":"2026-11-02T08:00:00.5Z"}"#).is_waiting());
        assert!(!request(r#"{"requestId":1,"result":"someNewResult"}"#).is_waiting());
    }

    #[test]
    fn results_are_names_or_numbers() {
        assert!(request(r#"{"result":"Abandoned"}"#).is_abandoned());
        assert!(request(r#"{"result":5}"#).is_failed());
        assert!(request(r#"{"result":1}"#).is_succeeded());
        assert!(!request(r#"{"result":"canceled"}"#).is_failed());
    }
}
