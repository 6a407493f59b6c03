//! Elastic pools: virtual machine scale sets.

use super::caller::Caller;
use super::error::WrappedException;
use super::lists::{is, items, number, select};
use crate::server::{Answer, Request};
use crate::state::State;

/// `GET elasticpools[/{poolId}[/logs|nodes]]`
pub(super) fn answer(state: &State, request: &Request, caller: &Caller<'_>, rest: &[&str]) -> Answer {
    let answers = &state.scenario.answers;
    let pools = answers.elastic_pools.as_ref();
    let Some(pool) = rest.first() else {
        let visible = select(pools, |pool| {
            number(pool, "poolId").is_some_and(|id| caller.role(id).is_some()).then(|| pool.clone())
        });
        return Answer::json(200, &visible);
    };
    let found = items(pools).iter().find(|item| {
        number(item, "poolId").is_some_and(|id| Ok(id) == pool.parse() && caller.role(id).is_some())
    });
    let Some((found, id)) = found.and_then(|item| Some((item, number(item, "poolId")?))) else {
        return WrappedException::distributed_task(
            404,
            "ElasticPoolDoesNotExistException",
            format!("Elastic pool not found with pool id {pool}"),
        )
        .answer();
    };
    match &rest[1..] {
        [] => Answer::json(200, found),
        ["logs"] => {
            let top = request.query("$top").and_then(|top| top.parse().ok()).unwrap_or(usize::MAX);
            let mut taken = 0;
            let logs = select(answers.elastic_pool_logs.get(&id), |log| {
                taken += 1;
                (taken <= top).then(|| log.clone())
            });
            Answer::json(200, &logs)
        }
        ["nodes"] => {
            let nodes = select(answers.elastic_pool_nodes.get(&id), |node| {
                request.query("$state").is_none_or(|state| is(node, "state", state)).then(|| node.clone())
            });
            Answer::json(200, &nodes)
        }
        _ => super::refusal::no_such_route(request),
    }
}
