//! Pools at one moment: plain data, from which everything else follows.

use super::agents::Agent;
use super::client::Client;
use super::connection::Caller;
use super::job_requests::JobRequest;
use super::packages::Version;
use super::pools::{Access, Pool, PoolSelector};
use super::refusal::Refusal;

/// One pool at one moment
#[derive(Clone, Debug, Default)]
pub struct PoolSnapshot {
    /// The pool
    pub pool: Pool,
    /// Its agents
    pub agents: Vec<Agent>,
    /// Its job requests that haven't ended
    pub job_requests: Vec<JobRequest>,
    /// The version of the newest agent package, where there is one
    pub newest_package: Option<Version>,
}

/// All pools that were asked for
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Those that were found, in the order in which they were asked for
    pub pools: Vec<PoolSnapshot>,
    /// Those that weren't
    pub missing: Vec<PoolSelector>,
    /// The names of all pools that the identity may see, where one was missing
    pub visible: Vec<String>,
    /// Why the newest agent package isn't known, where it was refused
    pub newest_package_unknown: Option<String>,
    /// Who the identity is to the organization, where a pool was missing
    pub caller: Option<Caller>,
}

impl Snapshot {
    /// Reads the pools that the selectors mean. Two round trips: the pools, and all of their contents together.
    ///
    /// # Errors
    /// A [`Refusal`]; a pool that isn't there, or may not be seen, is none.
    pub fn read(client: &Client<'_>, selectors: &[PoolSelector]) -> Result<Self, Refusal> {
        let name = match selectors {
            [PoolSelector::Name(name)] => Some(name.as_str()),
            _ => None,
        };
        let (visible, newest) = client.ask_both(client.pools(name, Access::View), client.newest_package());
        let visible = visible.map_err(|refusal| client.explained(refusal))?;
        // Agents can be judged without it, by all rules but one.
        let (newest_package, unknown) = match newest {
            Ok(newest) => (newest, None),
            Err(refusal) => (None, Some(refusal.explanation.headline)),
        };

        let (found, missing) = select(&visible, selectors);
        // Microsoft's own agents come and go as it likes: there is nothing to read.
        let questions = found
            .iter()
            .filter(|pool| !pool.is_hosted)
            .map(|pool| (client.agents(pool.id), client.unfinished_job_requests(pool.id)))
            .collect();
        let contents = client.ask_all(questions).map_err(|refusal| client.explained(refusal))?;

        let mut contents = contents.into_iter();
        let pools = found
            .into_iter()
            .map(|pool| {
                let (agents, job_requests) =
                    if pool.is_hosted { None } else { contents.next() }.unwrap_or_default();
                let job_requests =
                    job_requests.into_iter().filter(|request| !request.is_finished()).collect();
                PoolSnapshot { pool: pool.clone(), agents, job_requests, newest_package }
            })
            .collect();
        let mut snapshot = Self { pools, missing, newest_package_unknown: unknown, ..Self::default() };
        if !snapshot.missing.is_empty() {
            snapshot.caller = client.caller().ok().flatten();
            snapshot.visible = match name {
                // The question was for one name: what else there is must be asked for.
                Some(_) => client.ask(client.pools(None, Access::View)).unwrap_or_default(),
                None => visible,
            }
            .into_iter()
            .filter(|pool| !pool.is_hosted)
            .map(|pool| pool.name)
            .collect();
        }
        Ok(snapshot)
    }
}

/// The pools that the selectors mean, each once, and the selectors that mean none. `*` leaves out what Microsoft
/// hosts and what deployment groups use, unless one is named.
fn select<'a>(visible: &'a [Pool], selectors: &[PoolSelector]) -> (Vec<&'a Pool>, Vec<PoolSelector>) {
    let mut found: Vec<&Pool> = Vec::new();
    let mut missing = Vec::new();
    for selector in selectors {
        let is_pattern = matches!(selector, PoolSelector::Pattern(_));
        let before = found.len();
        let mut is_known = false;
        for pool in visible.iter().filter(|pool| selector.matches(pool)) {
            if is_pattern && (pool.is_hosted || pool.is_for_deployment()) {
                continue;
            }
            is_known = true;
            if !found.iter().any(|other| other.id == pool.id) {
                found.push(pool);
            }
        }
        if found.len() == before && !is_known {
            missing.push(selector.clone());
        }
    }
    (found, missing)
}
