//! The client: an organization, a token, and what is asked with them.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::de::DeserializeOwned;

use super::agents::Agent;
use super::connection::{Caller, Tenancy};
use super::job_requests::JobRequest;
use super::organization::Organization;
use super::packages::{Package, Version};
use super::pools::{Access, Pool, Queue};
use super::reading;
use super::refusal::{Reason, Refusal};
use super::security_roles::RoleAssignment;
use crate::http::{Request, Response, TransportError, retry};
use crate::identity::{AccessToken, Exchange, Kind};

/// The version of the REST API that requests are written for
const VERSION: &str = "7.1";

/// The same for resources that are in preview in it, which Azure DevOps wants to be said
const PREVIEW: &str = "7.1-preview";

/// The most bytes of a list: a pool of ten thousand agents with their capabilities fits
const LIST_LIMIT: usize = 64 << 20;

/// Azure DevOps, as one identity sees it
pub struct Client<'a> {
    exchange: Exchange<'a>,
    organization: &'a Organization,
    token: &'a AccessToken,
}

/// A question whose answer is read as `T`
pub struct Question<T> {
    request: Request,
    what: &'static str,
    read: fn(&Response) -> Result<T, serde_json::Error>,
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
        list(request.up_to(LIST_LIMIT), "a list of pools")
    }

    /// All agents of a pool, with what they work on and what they report of their machines
    pub fn agents(&self, pool: u64) -> Question<Vec<Agent>> {
        let request = self
            .get(&format!("_apis/distributedtask/pools/{pool}/agents"))
            .query("includeCapabilities", "true")
            .query("includeAssignedRequest", "true");
        list(request.up_to(LIST_LIMIT), "a list of agents")
    }

    /// The job requests of a pool that haven't ended. `$top` would leave out which agents match, and without
    /// `completedRequestCount` the answer has megabytes of ended ones.
    pub fn unfinished_job_requests(&self, pool: u64) -> Question<Vec<JobRequest>> {
        let request = self
            .get(&format!("_apis/distributedtask/pools/{pool}/jobrequests"))
            .query("completedRequestCount", "0");
        list(request.up_to(LIST_LIMIT), "a list of job requests")
    }

    /// The version of the newest agent package
    pub fn newest_package(&self) -> Question<Option<Version>> {
        let request = self.get("_apis/distributedtask/packages/agent").query("$top", "1");
        Question {
            request,
            what: "a list of packages",
            read: |response| {
                let packages = reading::list::<Package>(response)?;
                Ok(packages.into_iter().filter_map(|package| package.version).max())
            },
        }
    }

    /// The roles on a pool
    pub fn pool_roles(&self, pool: u64) -> Question<Vec<RoleAssignment>> {
        let path = format!(
            "_apis/securityroles/scopes/distributedtask.agentpoolrole/roleassignments/resources/{pool}"
        );
        list(self.get_in(PREVIEW, &path), "a list of role assignments")
    }

    /// The queues of a project, as far as the identity has this access to them
    pub fn queues(&self, project: &str, access: Access) -> Question<Vec<Queue>> {
        let project = percent_encoding::utf8_percent_encode(project, percent_encoding::NON_ALPHANUMERIC);
        let mut request = self.get(&format!("{project}/_apis/distributedtask/queues"));
        if access == Access::Manage {
            request = request.query("actionFilter", "manage");
        }
        list(request.up_to(LIST_LIMIT), "a list of queues")
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

    /// Asks two questions, in flight together.
    pub fn ask_both<T, U>(
        &self,
        one: Question<T>,
        other: Question<U>,
    ) -> (Result<T, Refusal>, Result<U, Refusal>) {
        let mut answers = self.send(&[one.request, other.request]).into_iter();
        let one = self.read(answers.next(), one.what, one.read);
        let other = self.read(answers.next(), other.what, other.read);
        (one, other)
    }

    /// Asks many questions of two kinds, all in flight together.
    ///
    /// # Errors
    /// The first [`Refusal`].
    pub fn ask_all<T, U>(&self, pairs: Vec<(Question<T>, Question<U>)>) -> Result<Vec<(T, U)>, Refusal> {
        let requests: Vec<Request> =
            pairs.iter().flat_map(|(one, other)| [one.request.clone(), other.request.clone()]).collect();
        let mut answers = self.send(&requests).into_iter();
        pairs
            .into_iter()
            .map(|(one, other)| {
                let one = self.read(answers.next(), one.what, one.read)?;
                let other = self.read(answers.next(), other.what, other.read)?;
                Ok((one, other))
            })
            .collect()
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

    fn read<T>(
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

fn list<T: DeserializeOwned>(request: Request, what: &'static str) -> Question<Vec<T>> {
    Question { request, what, read: reading::list }
}

fn never_sent() -> TransportError {
    TransportError::Other("the request was not sent".into())
}
