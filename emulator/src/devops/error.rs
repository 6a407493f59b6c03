//! Errors as Azure DevOps writes them.

use serde_json::json;

use crate::server::Answer;

const DISTRIBUTED_TASK: &str = "Microsoft.TeamFoundation.DistributedTask.WebApi";

/// An exception of the server, as JSON.
pub(crate) struct WrappedException {
    status: u16,
    type_name: String,
    message: String,
}

impl WrappedException {
    /// `type_name` with its namespace and assembly.
    pub(crate) fn new(status: u16, type_name: &str, message: impl Into<String>) -> Self {
        Self { status, type_name: type_name.to_owned(), message: message.into() }
    }

    /// An exception of the distributed task service.
    pub(super) fn distributed_task(status: u16, name: &str, message: impl Into<String>) -> Self {
        let type_name = format!("{DISTRIBUTED_TASK}.{name}, {DISTRIBUTED_TASK}");
        Self::new(status, &type_name, message)
    }

    /// Wording UNVERIFIED.
    pub(super) fn pool_not_found(pool: &str) -> Self {
        Self::distributed_task(
            404,
            "TaskAgentPoolNotFoundException",
            format!("No agent pool found with identifier {pool}."),
        )
    }

    /// Wording UNVERIFIED.
    pub(super) fn agent_not_found(pool: u64, agent: &str) -> Self {
        Self::distributed_task(
            404,
            "TaskAgentNotFoundException",
            format!("No agent found in pool {pool} with identifier {agent}."),
        )
    }

    pub(crate) fn answer(&self) -> Answer {
        let class = self.type_name.split(',').next().unwrap_or_default();
        Answer::json(
            self.status,
            &json!({
                "$id": "1",
                "innerException": null,
                "message": self.message,
                "typeName": self.type_name,
                "typeKey": class.rsplit('.').next(),
                "errorCode": 0,
                "eventId": 3000,
            }),
        )
    }
}
