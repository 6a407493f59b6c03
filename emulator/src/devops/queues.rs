//! Queues: a project's view of the pools.

use serde_json::Value;

use super::caller::Caller;
use super::error::WrappedException;
use super::lists::{is, items, listed, number, select};
use crate::server::{Answer, Request};
use crate::state::State;

/// `GET {project}/_apis/distributedtask/queues[/{queueId}]`
pub(super) fn answer(
    state: &State,
    request: &Request,
    caller: &Caller<'_>,
    project: &str,
    rest: &[&str],
) -> Answer {
    let queues = state.scenario.answers.queues.as_ref();
    let Some(id) = project_id(state, queues, project) else {
        return WrappedException::new(
            404,
            "Microsoft.TeamFoundation.Core.WebApi.ProjectDoesNotExistWithNameException, Microsoft.TeamFoundation.Core.WebApi",
            format!("TF200016: The following project does not exist: {project}. Verify that the name of the project is correct and that the project exists on the specified Azure DevOps Server."),
        )
        .answer();
    };
    let visible = |queue: &Value| {
        let pool = queue.get("pool").and_then(|pool| number(pool, "id"));
        let by_pool = pool.is_some_and(|pool| caller.role(pool).is_some());
        let by_project = caller
            .identity
            .project_roles
            .keys()
            .any(|name| project_id(state, queues, &name.to_lowercase()).as_ref() == Some(&id));
        is(queue, "projectId", &id) && (by_pool || by_project)
    };
    if let Some(queue) = rest.first() {
        let found =
            items(queues).iter().find(|item| visible(item) && number(item, "id") == queue.parse().ok());
        return match found {
            Some(found) => Answer::json(200, found),
            None => WrappedException::distributed_task(
                404,
                "TaskAgentQueueNotFoundException",
                format!("No agent queue found with identifier {queue}."), // wording UNVERIFIED
            )
            .answer(),
        };
    }
    let names: Option<Vec<&str>> = request
        .query("queueName")
        .map(|name| vec![name])
        .or_else(|| request.query("queueNames").map(|csv| csv.split(',').collect()));
    let found = select(queues, |queue| {
        let pool = queue.get("pool").and_then(|pool| number(pool, "id"));
        let wanted = visible(queue)
            && names.as_ref().is_none_or(|names| names.iter().any(|name| is(queue, "name", name)))
            && listed(request.query("queueIds"), number(queue, "id"))
            && listed(request.query("poolIds"), pool);
        wanted.then(|| queue.clone())
    });
    Answer::json(200, &found)
}

/// The project's id, by id or by the one name that a scenario knows.
fn project_id(state: &State, queues: Option<&Value>, project: &str) -> Option<String> {
    if let Some(pipelines) = &state.scenario.pipelines
        && (pipelines.project.eq_ignore_ascii_case(project)
            || pipelines.project_id.eq_ignore_ascii_case(project))
    {
        return Some(pipelines.project_id.clone());
    }
    items(queues).iter().any(|queue| is(queue, "projectId", project)).then(|| project.to_owned())
}
