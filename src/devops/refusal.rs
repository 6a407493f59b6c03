//! Every way in which Azure DevOps refuses, as one typed error with its explanation.

use super::connection::{Caller, Tenancy};
use super::organization::Organization;
use crate::explain::Explanation;
use crate::http::{Response, TransportError};
use crate::identity::{AccessToken, Kind};

/// The headers by which Microsoft's support finds a request
const CORRELATION: &[&str] = &["x-vss-e2eid", "activityid", "x-tfs-session", "x-msedge-ref"];

/// Why Azure DevOps didn't do what was asked
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reason {
    /// The identity lacks a role (403).
    Forbidden,
    /// The identity isn't in the organization (TF400813).
    NotAMember,
    /// The organization doesn't exist (404 with a page).
    NoOrganization,
    /// A thing of that name or id doesn't exist, or may not be seen (404 with a reason).
    NotFound,
    /// There is no such address: the server is too old, or the URL leads elsewhere (404 without one).
    NoRoute,
    /// Too many requests (429).
    RateLimited,
    /// The token isn't accepted (401, 203 or 302 to the sign-in page).
    Rejected,
    /// The organization or the service is stopped (503).
    Stopped,
    /// The answer isn't one of Azure DevOps'.
    Unexpected,
    /// No answer came.
    Unreachable,
}

/// A refusal and all that is known of it
#[derive(Clone, Debug)]
pub struct Refusal {
    /// Why
    pub reason: Reason,
    /// What the user is told
    pub explanation: Explanation,
}

impl Refusal {
    /// No answer came.
    pub fn unreachable(organization: &Organization, error: &TransportError) -> Self {
        let headline = format!("Azure DevOps can't be reached: {error}");
        let explanation =
            Explanation::new(headline).fact("asked", organization.to_string()).advise(error.advice());
        Self { reason: Reason::Unreachable, explanation }
    }

    /// The answer reads as JSON, but not as what was asked for.
    pub fn unreadable(organization: &Organization, what: &str, problem: &str) -> Self {
        let explanation = Explanation::new(format!("Azure DevOps' answer can't be read as {what}"))
            .fact("asked", organization.to_string())
            .fact("problem", problem)
            .advise(
                "try again; if it stays, report it: Pool Lifeguard should read every answer of Azure DevOps",
            );
        Self { reason: Reason::Unexpected, explanation }
    }

    /// What a response refuses, if it does
    pub fn of(response: &Response, organization: &Organization, token: &AccessToken) -> Option<Self> {
        // A list's body can be large: what is no refusal isn't read here.
        if response.is_success() && response.status != 203 && response.says_json() {
            return None;
        }
        let wrapped = response.json_value();
        let message = wrapped["message"].as_str().unwrap_or_default();
        let reason = match response.status {
            // A page instead of JSON is the sign-in page, whatever the status says.
            200..=299 | 302 => Reason::Rejected,
            401 if message.contains("TF400813") => Reason::NotAMember,
            401 => Reason::Rejected,
            403 => Reason::Forbidden,
            404 if !message.is_empty() => Reason::NotFound,
            404 if is_page(response) => Reason::NoOrganization,
            404 => Reason::NoRoute,
            429 => Reason::RateLimited,
            503 if response.header("x-tfs-serviceerror").is_some() => Reason::Stopped,
            _ => Reason::Unexpected,
        };
        let explanation = headline(reason, response, organization, token);
        let said = [message.to_owned(), service_error(response).unwrap_or_default()];
        let said = said.into_iter().find(|text| !text.is_empty()).or_else(|| page_title(response));
        let answer = match (said, wrapped["typeKey"].as_str()) {
            (Some(said), Some(key)) => format!("{}: {said} ({key})", response.status),
            (Some(said), None) => format!("{}: {said}", response.status),
            (None, _) => match response.excerpt() {
                text if text.is_empty() => format!("{} with an empty body", response.status),
                text => format!("{}: {text}", response.status),
            },
        };
        let mut explanation = explanation.fact("asked", organization.to_string()).fact("answer", answer);
        for name in CORRELATION {
            explanation = explanation.fact_if(name, response.header(name));
        }
        Some(Self { reason, explanation })
    }

    /// Adds who was refused, as the organization knows it.
    #[must_use]
    pub fn to(mut self, caller: Option<&Caller>) -> Self {
        if let Some(caller) = caller {
            self.explanation = self.explanation.fact("identity", format!("{} ({})", caller.name, caller.id));
        }
        self
    }
}

fn headline(
    reason: Reason,
    response: &Response,
    organization: &Organization,
    token: &AccessToken,
) -> Explanation {
    let name = organization.name();
    match reason {
        Reason::Rejected => rejected(response, organization, token),
        Reason::NotAMember => Explanation::new(format!("the identity isn't a member of the organization {name}"))
            .advise(format!(
                "add it: {organization}/_settings/users > Add users, with the service principal's or managed \
                 identity's name and the access level Basic; an Entra identity doesn't become a member by itself"
            )),
        Reason::Forbidden => Explanation::new("the identity lacks a role on the pool")
            .fact("means", "roles count where they are set: one set in a project's settings holds for that project's \
                            queue only")
            .advise(format!(
                "give it the role at organization level: {} > the pool > Security > Add; Reader is enough for \
                 checks, registering and removing agents needs Administrator",
                organization.pools_page()
            )),
        Reason::NoOrganization => Explanation::new(format!("there is no organization at {organization}"))
            .advise("check the organization's name; the URL is that of its start page, such as https://dev.azure.com/contoso"),
        Reason::NotFound => Explanation::new("Azure DevOps doesn't find what was asked for").advise(
            "check names and ids; what an identity may not see is told as not found, so check its role as well",
        ),
        Reason::NoRoute => Explanation::new("the address isn't one of Azure DevOps' REST API")
            .advise("check the organization's URL; on an Azure DevOps Server it ends with the collection"),
        Reason::RateLimited => Explanation::new("Azure DevOps blocks this identity for too many requests")
            .fact_if("retry after", response.header("retry-after").map(|seconds| format!("{seconds} s")))
            .fact_if("resource", response.header("x-ratelimit-resource"))
            .advise("wait as long, and ask less often: the limit holds for an identity in all its programs together"),
        Reason::Stopped => Explanation::new(format!("the organization {name} is stopped"))
            .advise("see what Azure DevOps says; an organization that was deactivated is started again by signing in to it"),
        Reason::Unexpected | Reason::Unreachable => {
            Explanation::new(format!("Azure DevOps answered with status {}", response.status))
                .advise("see https://status.dev.azure.com, and try again; a proxy may answer in its place")
        }
    }
}

/// A token that isn't accepted gets no reason from Azure DevOps; the likely ones can be told apart here.
fn rejected(response: &Response, organization: &Organization, token: &AccessToken) -> Explanation {
    let explanation = Explanation::new("Azure DevOps doesn't accept the token, and doesn't say why");
    match token.kind {
        Kind::Personal => explanation.advise(
            "the personal access token is wrong, expired, revoked, or of another organization: make a new one with \
             the scope Agent Pools (read), or better use an Entra identity",
        ),
        Kind::PipelineJob => explanation
            .advise("the job's access token ends with the job; use the token of the job that is running now"),
        Kind::Entra => {
            let tenancy = Tenancy::of(response);
            let wrong = tenancy.and_then(|tenancy| wrong_tenancy(token, &tenancy, organization));
            wrong.unwrap_or_else(|| {
                explanation
                    .fact("means", "its audience and time are right, so most likely the organization doesn't know \
                                    the identity")
                    .advise(format!("add the identity to the organization: {organization}/_settings/users > Add users"))
            })
        }
    }
}

/// Why a token can't be accepted by an organization of this tenancy, where it can't
pub fn wrong_tenancy(
    token: &AccessToken,
    tenancy: &Tenancy,
    organization: &Organization,
) -> Option<Explanation> {
    let own = token.claims.as_ref().filter(|_| token.kind == Kind::Entra)?.tenant.as_deref()?;
    match tenancy {
        Tenancy::NotConnected => Some(
            Explanation::new(format!(
                "the organization {} isn't connected to a tenant of Entra ID",
                organization.name()
            ))
            .advise(format!("connect it: {organization}/_settings/organizationAad")),
        ),
        Tenancy::Connected(tenant) if own.eq_ignore_ascii_case(tenant) => None,
        Tenancy::Connected(tenant) => Some(
            Explanation::new("the token is from another tenant than the organization's")
                .fact("token's tenant", own)
                .fact("organization's tenant", tenant)
                .advise(format!(
                    "use an app or managed identity of tenant {tenant}; one of another tenant can't be a member"
                )),
        ),
    }
}

fn is_page(response: &Response) -> bool {
    response.header("content-type").is_some_and(|value| value.starts_with("text/html"))
}

/// What a stopped service says, in a header
fn service_error(response: &Response) -> Option<String> {
    let text = response.header("x-tfs-serviceerror")?.replace('+', " ");
    Some(percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned())
}

/// The title of a page, which says more than its markup
fn page_title(response: &Response) -> Option<String> {
    if !is_page(response) {
        return None;
    }
    let text = response.text();
    let (_, rest) = text.split_once("<title>")?;
    let (title, _) = rest.split_once("</title>")?;
    Some(format!(
        "a page with the title \u{201c}{}\u{201d}",
        title.split_whitespace().collect::<Vec<_>>().join(" ")
    ))
}
