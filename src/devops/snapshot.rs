//! Pools at one moment: plain data, from which everything else follows.

use super::agents::Agent;
use super::batch::{Answers, Batch, Ticket};
use super::client::Client;
use super::connection::Caller;
use super::elastic::{ElasticNode, ElasticPool};
use super::job_requests::JobRequest;
use super::maintenance::MaintenanceJob;
use super::packages::Version;
use super::parallel_jobs::ParallelJobs;
use super::pools::{Access, Pool, PoolSelector};
use super::refusal::Refusal;
use super::service_status::Incident;
use crate::explain::{Explanation, Failure};
use crate::http::Endpoint;
use crate::inputs::UsageError;

/// How many ended job requests of a pool are read, for the rules about how jobs ended
const HISTORY: u32 = 50;

/// One pool at one moment
#[derive(Clone, Debug, Default)]
pub struct PoolSnapshot {
    /// The pool
    pub pool: Pool,
    /// Its agents
    pub agents: Vec<Agent>,
    /// Its job requests that haven't ended
    pub job_requests: Vec<JobRequest>,
    /// Job requests that have ended, the newest ones
    pub history: Vec<JobRequest>,
    /// Its maintenance jobs
    pub maintenance_jobs: Vec<MaintenanceJob>,
    /// The scale set behind it
    pub elastic: Option<ElasticPool>,
}

/// A pool that was found but couldn't be read
#[derive(Clone, Debug)]
pub struct Unread {
    /// The pool
    pub pool: Pool,
    /// Why
    pub reason: Explanation,
}

/// All pools that were asked for
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Those that were found and read, in the order in which they were asked for
    pub pools: Vec<PoolSnapshot>,
    /// Those that were found, but not read
    pub unread: Vec<Unread>,
    /// Those that weren't found
    pub missing: Vec<PoolSelector>,
    /// The names of all pools that the identity may see, where one was missing
    pub visible: Vec<String>,
    /// Who the identity is to the organization, where a pool was missing
    pub caller: Option<Caller>,
    /// The version of the newest agent package, where it is known
    pub newest_package: Option<Version>,
    /// The use of parallel jobs, as far as it is known
    pub parallel_jobs: Vec<ParallelJobs>,
    /// What isn't healthy on Azure DevOps' status page, where that was read
    pub incidents: Vec<Incident>,
    /// Whether it was
    pub is_status_page_read: bool,
    /// What is less than whole, and why: `the newest package: …`
    pub left_out: Vec<String>,
}

/// What is read beside the agents and the job requests that haven't ended
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The newest agent package
    pub newest_package: bool,
    /// The use of parallel jobs
    pub parallel_jobs: bool,
    /// Job requests that have ended
    pub history: bool,
    /// Maintenance jobs
    pub maintenance: bool,
    /// The status page, where it is asked for, and the geography that counts
    pub status_page: Option<(Endpoint, Option<String>)>,
}

/// The questions about one pool
struct Tickets {
    agents: Ticket<Vec<Agent>>,
    job_requests: Ticket<Vec<JobRequest>>,
    history: Option<Ticket<Vec<JobRequest>>>,
    maintenance: Option<Ticket<Vec<MaintenanceJob>>>,
    elastic: Option<(Ticket<ElasticPool>, Ticket<Vec<ElasticNode>>)>,
}

impl Snapshot {
    /// Reads the pools that the selectors mean. Two round trips: the pools, and all of their contents together.
    ///
    /// A pool that isn't there, or may not be seen, is no error, nor one that can't be read beside others that can.
    ///
    /// # Errors
    /// [`Failure::AzureDevOps`] where nothing could be read, [`Failure::Usage`] for a pattern that no pool matches.
    pub fn read(client: &Client<'_>, selectors: &[PoolSelector], scope: &Scope) -> Result<Self, Failure> {
        let name = match selectors {
            [PoolSelector::Name(name)] => Some(name.as_str()),
            _ => None,
        };
        let mut snapshot = Self::default();
        let mut first = Batch::default();
        let visible = first.add(client.pools(name, Access::View));
        let newest = scope.newest_package.then(|| first.add(client.newest_package()));
        let incidents = scope
            .status_page
            .as_ref()
            .map(|(page, geography)| first.add(Client::incidents(page, geography.as_deref())));
        let mut answers = client.send_batch(first);
        let visible = answers.take(&visible).map_err(|refusal| client.explained(refusal))?;
        // Agents can be judged without these, by all rules but a few.
        if let Some(ticket) = newest {
            let newest = answers.take(&ticket);
            snapshot.newest_package = snapshot.or_left_out(newest, "the newest agent package").flatten();
        }
        if let Some(ticket) = incidents {
            let incidents = answers.take(&ticket);
            snapshot.is_status_page_read = incidents.is_ok();
            snapshot.incidents =
                snapshot.or_left_out(incidents, "Azure DevOps' status page").unwrap_or_default();
        }

        let (found, missing) = select(&visible, selectors);
        check_patterns(&missing)?;
        snapshot.missing = missing;
        snapshot.read_pools(client, &found, scope)?;
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

    fn read_pools(&mut self, client: &Client<'_>, found: &[&Pool], scope: &Scope) -> Result<(), Failure> {
        // Microsoft's own agents come and go as it likes: there is nothing to read.
        let mut batch = Batch::default();
        let tickets: Vec<Option<Tickets>> = found
            .iter()
            .map(|pool| (!pool.is_hosted).then(|| Tickets::add(&mut batch, client, pool, scope)))
            .collect();
        let is_needed = scope.parallel_jobs && tickets.iter().any(Option::is_some);
        let usage = is_needed.then(|| [batch.add(client.private_jobs()), batch.add(client.public_jobs())]);
        let mut answers = client.send_batch(batch);
        let mut refused = None;
        for (pool, tickets) in found.iter().zip(tickets) {
            let Some(tickets) = tickets else {
                self.pools.push(PoolSnapshot { pool: (*pool).clone(), ..PoolSnapshot::default() });
                continue;
            };
            match self.read_pool(pool, &tickets, &mut answers) {
                Ok(pool) => self.pools.push(pool),
                Err(refusal) => {
                    self.unread.push(Unread { pool: (*pool).clone(), reason: refusal.explanation.clone() });
                    refused.get_or_insert(refusal);
                }
            }
        }
        match refused {
            Some(refusal) if self.pools.is_empty() => return Err(client.explained(refusal).into()),
            _ => (),
        }
        for ticket in usage.iter().flatten() {
            let usage = answers.take(ticket);
            let usage = self.or_left_out(usage, "the use of parallel jobs");
            self.parallel_jobs.extend(usage);
        }
        Ok(())
    }

    fn read_pool(
        &mut self,
        pool: &Pool,
        tickets: &Tickets,
        answers: &mut Answers<'_>,
    ) -> Result<PoolSnapshot, Refusal> {
        let agents = answers.take(&tickets.agents);
        let job_requests = answers.take(&tickets.job_requests);
        let mut snapshot = PoolSnapshot { pool: pool.clone(), agents: agents?, ..PoolSnapshot::default() };
        snapshot.job_requests = job_requests?.into_iter().filter(|request| !request.is_finished()).collect();
        if let Some(ticket) = &tickets.history {
            let history = answers.take(ticket);
            let history = self.or_left_out(history, "jobs that have ended").unwrap_or_default();
            snapshot.history = history.into_iter().filter(JobRequest::is_finished).collect();
        }
        if let Some(ticket) = &tickets.maintenance {
            let jobs = answers.take(ticket);
            snapshot.maintenance_jobs = self.or_left_out(jobs, "maintenance jobs").unwrap_or_default();
        }
        if let Some((elastic, nodes)) = &tickets.elastic {
            let (elastic, nodes) = (answers.take(elastic), answers.take(nodes));
            snapshot.elastic = self.or_left_out(elastic, "the scale set behind a pool");
            if let Some(elastic) = &mut snapshot.elastic {
                elastic.nodes = self.or_left_out(nodes, "the machines of a scale set").unwrap_or_default();
            }
        }
        Ok(snapshot)
    }

    /// What was read; where it was refused, a note of that, the same one once
    fn or_left_out<T>(&mut self, answer: Result<T, Refusal>, what: &str) -> Option<T> {
        let refusal = match answer {
            Ok(answer) => return Some(answer),
            Err(refusal) => refusal,
        };
        let note = format!("{what}: {}", refusal.explanation.headline);
        if !self.left_out.contains(&note) {
            self.left_out.push(note);
        }
        None
    }
}

impl Tickets {
    fn add(batch: &mut Batch, client: &Client<'_>, pool: &Pool, scope: &Scope) -> Self {
        Self {
            agents: batch.add(client.agents(pool.id)),
            job_requests: batch.add(client.job_requests(pool.id, 0)),
            history: scope.history.then(|| batch.add(client.job_requests(pool.id, HISTORY))),
            maintenance: scope.maintenance.then(|| batch.add(client.maintenance_jobs(pool.id))),
            elastic: pool
                .is_scale_set()
                .then(|| (batch.add(client.elastic_pool(pool.id)), batch.add(client.elastic_nodes(pool.id)))),
        }
    }
}

/// The pools that the selectors mean, each once, and the selectors that mean none. `*` leaves out what Microsoft
/// hosts and what deployment groups use, unless one is named.
fn select<'a>(visible: &'a [Pool], selectors: &[PoolSelector]) -> (Vec<&'a Pool>, Vec<PoolSelector>) {
    let mut found: Vec<&Pool> = Vec::new();
    let mut missing = Vec::new();
    for selector in selectors {
        let is_pattern = matches!(selector, PoolSelector::Pattern(_));
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
        if !is_known {
            missing.push(selector.clone());
        }
    }
    (found, missing)
}

/// A pattern that matches nothing is most likely a slip, and would let a check pass that checks nothing.
fn check_patterns(missing: &[PoolSelector]) -> Result<(), UsageError> {
    match missing.iter().find(|selector| matches!(selector, PoolSelector::Pattern(_))) {
        Some(pattern) => Err(UsageError::new(
            format!("no pool that the identity may see matches `{}`", pattern.text()),
            "correct the pattern (`*` alone means all pools but Microsoft's own and those of deployment groups), or \
             give the identity the role Reader on the pools at organization level",
        )),
        None => Ok(()),
    }
}
