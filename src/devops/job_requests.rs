//! Job requests: jobs that wait for an agent, or have one.

use std::time::SystemTime;

use serde::Deserialize;
use serde_json::Value;

use super::reading::{Named, timestamp};

/// A job's request for an agent
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct JobRequest {
    /// Its id in the pool
    pub request_id: u64,
    /// When it joined the queue
    #[serde(deserialize_with = "timestamp")]
    pub queue_time: Option<SystemTime>,
    #[serde(deserialize_with = "timestamp")]
    assign_time: Option<SystemTime>,
    #[serde(deserialize_with = "timestamp")]
    receive_time: Option<SystemTime>,
    #[serde(deserialize_with = "timestamp")]
    finish_time: Option<SystemTime>,
    /// How it ended; a name that isn't known here is an end too
    result: Option<Value>,
    definition: Option<Named>,
    owner: Option<Named>,
}

impl JobRequest {
    /// Whether it has ended
    pub fn is_finished(&self) -> bool {
        self.result.is_some() || self.finish_time.is_some()
    }

    /// Whether it waits for an agent
    pub fn is_waiting(&self) -> bool {
        !self.is_finished() && self.assign_time.is_none() && self.receive_time.is_none()
    }

    /// The pipeline that it belongs to
    pub fn pipeline(&self) -> Option<&str> {
        self.definition.as_ref().map(|definition| definition.name.as_str())
    }

    /// The run that it belongs to
    pub fn run(&self) -> Option<&str> {
        self.owner.as_ref().map(|owner| owner.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_waits_until_it_has_an_agent_or_an_end() {
        let request = |text| serde_json::from_str::<JobRequest>(text).expect("a request");
        assert!(request(r#"{"requestId":1,"queueTime":"2026-11-02T08:00:00Z"}"#).is_waiting());
        assert!(request(r#"{"requestId":1,"result":null,"assignTime":null}"#).is_waiting());
        assert!(!request(r#"{"requestId":1,"assignTime":"2026-11-02T08:00:00.5Z"}"#).is_waiting());
        assert!(!request(r#"{"requestId":1,"result":"someNewResult"}"#).is_waiting());
    }
}
