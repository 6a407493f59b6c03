//! Maintenance jobs: the clean-ups of a pool's agents.

use super::lists::{listed, number, select};
use super::pools::Pool;
use crate::server::{Answer, Request};
use crate::state::State;

/// `GET pools/{id}/maintenancejobs`, in the file's order (the real one is UNVERIFIED).
pub(super) fn list(state: &State, request: &Request, pool: &Pool<'_>) -> Answer {
    let found = select(state.scenario.answers.maintenance_jobs.get(&pool.id), |job| {
        listed(request.query("definitionId"), number(job, "definitionId")).then(|| job.clone())
    });
    Answer::json(200, &found)
}
