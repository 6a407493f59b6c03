//! The client: an organization, a token, and what is asked with them.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::Value;

use super::agents::Agent;
use super::batch::{Answers, Batch, Question};
use super::connection::{Caller, Tenancy};
use super::elastic::{ElasticNode, ElasticPool};
use super::job_requests::JobRequest;
use super::maintenance::MaintenanceJob;
use super::organization::Organization;
use super::packages::{Package, Version};
use super::parallel_jobs::ParallelJobs;
use super::pools::{Access, Pool};
use super::reading;
use super::refusal::{Reason, Refusal};
use super::security_roles::RoleAssignment;
use super::service_status::{Incident, incidents, status_request};
use crate::http::{Endpoint, Method, Request, Response, TransportError, retry};
use crate::identity::{AccessToken, Exchange, Kind};

/// The version of the REST API that requests are written for
const VERSION: &str = "7.1";

/// The same for resources that are in preview in it, which Azure DevOps wants to be said
const PREVIEW: &str = "7.1-preview";

/// The most bytes of a list: a pool of ten thousand agents with their capabilities fits
const LIST_LIMIT: usize = 64 << 20;

/// The most bytes of what has ended, which is read for one rule's sake and can be done without
const HISTORY_LIMIT: usize = 8 << 20;

/// Azure DevOps, as one identity sees it
pub struct Client<'a> {
    exchange: Exchange<'a>,
    organization: &'a Organization,
    token: &'a AccessToken,
}

impl<'a> Client<'a> {
    /// A client that asks with this token
    pub fn new(exchange: Exchange<'a>, organization: &'a Organization, token: &'a AccessToken) -> Self {
        Self { exchange, organization, token }
    }

    /// All pools that the identity has this access to, or those of one name
    pub fn pools(&self, name: Option<&str>, access: Access) -> Question<Vec<Pool>> {
        let mut request = self.get("_apis/distributedtask/pools");
        if let Some(name) = name {
            request = request.query("poolName", name);
        }
        if access == Access::Manage {
            request = request.query("actionFilter", "manage");
        }
        Question {
            request: request.up_to(LIST_LIMIT),
            what: "a list of pools",
            read: |response| reading::list(response, Pool::read),
        }
    }

    /// All agents of a pool, with what they work on, worked on last, and report of their machines
    pub fn agents(&self, pool: u64) -> Question<Vec<Agent>> {
        let request = self
            .get(&format!("_apis/distributedtask/pools/{pool}/agents"))
            .query("includeCapabilities", "true")
            .query("includeAssignedRequest", "true")
            .query("includeLastCompletedRequest", "true");
        Question {
            request: request.up_to(LIST_LIMIT),
            what: "a list of agents",
            read: |response| reading::list(response, Agent::read),
        }
    }

    /// The job requests of a pool that haven't ended, and as many that have. `$top` would leave out which agents
    /// match, and without `completedRequestCount` the answer has megabytes of ended ones.
    pub fn job_requests(&self, pool: u64, ended: u32) -> Question<Vec<JobRequest>> {
        let request = self
            .get(&format!("_apis/distributedtask/pools/{pool}/jobrequests"))
            .query("completedRequestCount", &ended.to_string());
        let limit = if ended == 0 { LIST_LIMIT } else { HISTORY_LIMIT };
        Question {
            request: request.up_to(limit),
            what: "a list of job requests",
            read: |response| reading::list(response, JobRequest::read),
        }
    }

    /// The maintenance jobs of a pool
    pub fn maintenance_jobs(&self, pool: u64) -> Question<Vec<MaintenanceJob>> {
        let path = format!("_apis/distributedtask/pools/{pool}/maintenancejobs");
        Question {
            request: self.get_in(PREVIEW, &path).up_to(HISTORY_LIMIT),
            what: "a list of maintenance jobs",
            read: |response| reading::list(response, MaintenanceJob::read),
        }
    }

    /// The scale set behind a pool
    pub fn elastic_pool(&self, pool: u64) -> Question<ElasticPool> {
        Question {
            request: self.get_in(PREVIEW, &format!("_apis/distributedtask/elasticpools/{pool}")),
            what: "an elastic pool",
            read: |response| response.json().map(|value| ElasticPool::read(&value)),
        }
    }

    /// The machines of the scale set behind a pool
    pub fn elastic_nodes(&self, pool: u64) -> Question<Vec<ElasticNode>> {
        let path = format!("_apis/distributedtask/elasticpools/{pool}/nodes");
        Question {
            request: self.get_in(PREVIEW, &path).up_to(LIST_LIMIT),
            what: "a list of elastic nodes",
            read: |response| reading::list(response, ElasticNode::read),
        }
    }

    /// How many of the organization's parallel jobs on agents of its own are in use, in private projects
    pub fn private_jobs(&self) -> Question<ParallelJobs> {
        let request = self.resource_usage("Private");
        let read = |response: &Response| response.json().map(|value| ParallelJobs::read("Private", &value));
        Question { request, what: "the use of parallel jobs", read }
    }

    /// The same in public projects
    pub fn public_jobs(&self) -> Question<ParallelJobs> {
        let request = self.resource_usage("Public");
        let read = |response: &Response| response.json().map(|value| ParallelJobs::read("Public", &value));
        Question { request, what: "the use of parallel jobs", read }
    }

    /// The version of the newest agent package
    pub fn newest_package(&self) -> Question<Option<Version>> {
        let request = self.get("_apis/distributedtask/packages/agent").query("$top", "1");
        Question {
            request,
            what: "a list of packages",
            read: |response| {
                let read = |package: &Value| reading::object(package, "version", Version::read);
                Ok(reading::list(response, read)?.into_iter().flatten().max())
            },
        }
    }

    /// One agent of a pool, as it is now
    pub fn agent(&self, pool: u64, agent: u64) -> Question<Agent> {
        let request = self
            .get(&format!("_apis/distributedtask/pools/{pool}/agents/{agent}"))
            .query("includeCapabilities", "true")
            .query("includeAssignedRequest", "true")
            .query("includeLastCompletedRequest", "true");
        let read = |response: &Response| response.json().map(|value| Agent::read(&value));
        Question { request, what: "an agent", read }
    }

    /// Registers an agent.
    pub fn add_agent(&self, pool: u64, agent: &Value) -> Question<Agent> {
        let request =
            self.get(&format!("_apis/distributedtask/pools/{pool}/agents")).by(Method::Post).json(agent);
        let read = |response: &Response| response.json().map(|value| Agent::read(&value));
        Question { request, what: "an agent", read }
    }

    /// Registers an agent anew, capabilities and all.
    pub fn replace_agent(&self, pool: u64, id: u64, agent: &Value) -> Question<Agent> {
        let path = format!("_apis/distributedtask/pools/{pool}/agents/{id}");
        let read = |response: &Response| response.json().map(|value| Agent::read(&value));
        Question { request: self.get(&path).by(Method::Put).json(agent), what: "an agent", read }
    }

    /// Takes an agent out of its pool; `Ok(false)` where it was gone already.
    ///
    /// # Errors
    /// A [`Refusal`].
    pub fn remove_agent(&self, pool: u64, agent: u64) -> Result<bool, Refusal> {
        let request =
            self.get(&format!("_apis/distributedtask/pools/{pool}/agents/{agent}")).by(Method::Delete);
        let response = self.send(&[request]).pop().unwrap_or(Err(never_sent()));
        let response = response.map_err(|error| Refusal::unreachable(self.organization, &error))?;
        // It answers 204, or 200 with nothing in it.
        if matches!(response.status, 200 | 204) && response.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(true);
        }
        match Refusal::of(&response, self.organization, self.token) {
            Some(refusal) if refusal.reason == Reason::NotFound => Ok(false),
            Some(refusal) => Err(refusal),
            None => Ok(true),
        }
    }

    /// The agent's packages for a platform: the newest, or the one of a version
    pub fn packages(&self, platform: &str, version: Option<Version>) -> Question<Vec<Package>> {
        let path = format!("_apis/distributedtask/packages/agent/{platform}");
        let what = "an agent's package";
        match version {
            None => Question {
                request: self.get(&path).query("$top", "1"),
                what,
                read: |response| reading::list(response, Package::read),
            },
            Some(version) => Question {
                request: self.get(&format!("{path}/{version}")),
                what,
                read: |response| response.json().map(|value| vec![Package::read(&value)]),
            },
        }
    }

    /// The roles on a pool
    pub fn pool_roles(&self, pool: u64) -> Question<Vec<RoleAssignment>> {
        let path = format!(
            "_apis/securityroles/scopes/distributedtask.agentpoolrole/roleassignments/resources/{pool}"
        );
        Question {
            request: self.get_in(PREVIEW, &path),
            what: "a list of role assignments",
            read: |response| reading::list(response, RoleAssignment::read),
        }
    }

    /// The pools behind the queues of a project, as far as the identity has this access to them
    pub fn queues(&self, project: &str, access: Access) -> Question<Vec<Pool>> {
        let project = percent_encoding::utf8_percent_encode(project, percent_encoding::NON_ALPHANUMERIC);
        let mut request = self.get(&format!("{project}/_apis/distributedtask/queues"));
        if access == Access::Manage {
            request = request.query("actionFilter", "manage");
        }
        Question {
            request: request.up_to(LIST_LIMIT),
            what: "a list of queues",
            read: |response| reading::list(response, |queue| Pool::read(&queue["pool"])),
        }
    }

    /// What isn't healthy on Azure DevOps' public status page
    pub fn incidents(page: &Endpoint, geography: Option<&str>) -> Question<Vec<Incident>> {
        Question {
            request: status_request(page, geography),
            what: "the health of services",
            read: |response| response.json().map(|value| incidents(&value)),
        }
    }

    /// Asks one question.
    ///
    /// # Errors
    /// A [`Refusal`].
    pub fn ask<T>(&self, question: Question<T>) -> Result<T, Refusal> {
        let Question { request, what, read } = question;
        let answer = self.send(&[request]).pop();
        self.read(answer, what, read)
    }

    /// Sends the questions of a batch, all in flight together.
    pub fn send_batch(&self, batch: Batch) -> Answers<'_> {
        Answers::new(self, self.send(batch.requests()))
    }

    /// Who the identity is to the organization; `Ok(None)` where it is nobody
    ///
    /// # Errors
    /// A [`Refusal`], which may say that the identity isn't a member.
    pub fn caller(&self) -> Result<Option<Caller>, Refusal> {
        let request = self.get_in(PREVIEW, "_apis/connectionData");
        let mut answers = self.send(&[request]);
        let response = answers.pop().unwrap_or(Err(never_sent()));
        let response = response.map_err(|error| Refusal::unreachable(self.organization, &error))?;
        match Refusal::of(&response, self.organization, self.token) {
            Some(refusal) => Err(refusal),
            None => Ok(Caller::from_connection_data(&response)),
        }
    }

    /// Adds to a refusal who was refused, where the organization can tell.
    pub fn explained(&self, refusal: Refusal) -> Refusal {
        if !matches!(refusal.reason, Reason::Forbidden | Reason::NotFound) {
            return refusal;
        }
        let caller = self.caller().ok().flatten();
        refusal.to(caller.as_ref())
    }

    fn resource_usage(&self, parallelism: &str) -> Request {
        self.get_in(PREVIEW, "_apis/distributedtask/resourceusage")
            .query("parallelismTag", parallelism)
            .query("poolIsHosted", "false")
    }

    fn get(&self, path: &str) -> Request {
        self.get_in(VERSION, path)
    }

    fn get_in(&self, version: &str, path: &str) -> Request {
        let secret = self.token.secret.expose();
        let authorization = match self.token.kind {
            Kind::Entra | Kind::PipelineJob => format!("Bearer {secret}"),
            Kind::Personal => format!("Basic {}", BASE64_STANDARD.encode(format!(":{secret}"))),
        };
        self.organization.get(path).query("api-version", version).header("authorization", authorization)
    }

    fn send(&self, requests: &[Request]) -> Vec<Result<Response, TransportError>> {
        retry::AZURE_DEVOPS.send_all(self.exchange.transport, requests, self.exchange.now)
    }

    pub(super) fn read<T>(
        &self,
        answer: Option<Result<Response, TransportError>>,
        what: &str,
        read: fn(&Response) -> Result<T, serde_json::Error>,
    ) -> Result<T, Refusal> {
        let response = answer.unwrap_or(Err(never_sent()));
        let response = response.map_err(|error| Refusal::unreachable(self.organization, &error))?;
        if let Some(refusal) = Refusal::of(&response, self.organization, self.token) {
            return Err(refusal);
        }
        read(&response).map_err(|error| Refusal::unreadable(self.organization, what, &error.to_string()))
    }
}

/// The tenant of an organization, which it tells to callers without credentials
///
/// # Errors
/// A [`Refusal`] where it can't be reached or isn't there; `Ok(None)` where it doesn't tell.
pub fn tenancy(exchange: &Exchange<'_>, organization: &Organization) -> Result<Option<Tenancy>, Refusal> {
    // Not connectionData, which may answer anybody, and then without a challenge that names the tenant.
    let request = organization.get("_apis/distributedtask/pools").query("api-version", VERSION);
    let response = retry::AZURE_DEVOPS
        .send(exchange.transport, request, exchange.now)
        .map_err(|error| Refusal::unreachable(organization, &error))?;
    let tenancy = Tenancy::of(&response);
    if tenancy.is_none() && matches!(response.status, 404 | 429 | 500..) {
        let nobody = AccessToken { secret: "".into(), kind: Kind::Personal, claims: None, expires_on: None };
        if let Some(refusal) = Refusal::of(&response, organization, &nobody) {
            return Err(refusal);
        }
    }
    Ok(tenancy)
}

fn never_sent() -> TransportError {
    TransportError::Other("the request was not sent".into())
}
