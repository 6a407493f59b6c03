//! The many forms of "no".

use super::error::WrappedException;
use super::site::Site;
use crate::server::{Answer, Request};
use crate::state::State;

const SIGN_IN: &str = include_str!("pages/sign-in.html");
const NOT_FOUND: &str = include_str!("pages/not-found.html");

/// Why someone isn't let in.
pub(super) enum Refusal {
    /// The credential isn't worth anything here.
    BadToken,
    /// There's no credential.
    NoCredentials,
    /// The credential is fine, its owner isn't a member.
    NotMember(String),
}

impl Refusal {
    pub(super) fn answer(&self, state: &State, request: &Request, site: &Site) -> Answer {
        if site.on_premises {
            return Answer::html(401, "<!DOCTYPE html><title>401 - Unauthorized</title>")
                .with("WWW-Authenticate", "Bearer")
                .with("WWW-Authenticate", format!("Basic realm=\"{}\"", site.url))
                .with("WWW-Authenticate", "Negotiate")
                .with("WWW-Authenticate", "NTLM");
        }
        let suppressed = suppresses_redirects(request);
        match self {
            Self::NotMember(name) if suppressed => challenged(
                state,
                WrappedException::new(
                    401,
                    "Microsoft.TeamFoundation.Framework.Server.UnauthorizedRequestException, Microsoft.TeamFoundation.Framework.Server",
                    format!(
                        "TF400813: The user '{name}' is not authorized to access this resource."
                    ),
                )
                .answer(),
            ),
            Self::NoCredentials if !suppressed => to_sign_in(request),
            _ => bad_token(state, request),
        }
    }
}

/// A credential that isn't worth anything: 401 for programs, a page for browsers.
pub(crate) fn bad_token(state: &State, request: &Request) -> Answer {
    if suppresses_redirects(request) || request.method == "PATCH" {
        return challenged(state, Answer::empty(401));
    }
    challenge_headers(state, Answer::html(203, SIGN_IN))
}

/// The page for an organization that doesn't exist.
pub(super) fn no_such_organization() -> Answer {
    Answer::html(404, NOT_FOUND)
}

/// The text for a path that no controller serves.
pub(super) fn no_such_route(request: &Request) -> Answer {
    let path = request.target.split('?').next().unwrap_or_default();
    Answer::text(
        404,
        format!("The controller for path '{path}' was not found or does not implement IController."),
    )
}

fn suppresses_redirects(request: &Request) -> bool {
    request.header("x-tfs-fedauthredirect").is_some_and(|value| value.eq_ignore_ascii_case("suppress"))
}

fn to_sign_in(request: &Request) -> Answer {
    let reply_to: String = form_urlencoded::byte_serialize(request.target.as_bytes()).collect();
    let location = format!(
        "https://spsprodweu4.vssps.visualstudio.com/_signin?realm=dev.azure.com&reply_to=https%3A%2F%2Fdev.azure.com{reply_to}&redirect=1"
    );
    let page = format!(
        "<html><head><title>Object moved</title></head><body>\n<h2>Object moved to <a href=\"{}\">here</a>.</h2>\n</body></html>\n",
        location.replace('&', "&amp;")
    );
    Answer::html(302, &page).with("Location", location)
}

fn challenged(state: &State, answer: Answer) -> Answer {
    challenge_headers(state, answer)
        .with("WWW-Authenticate", "Basic realm=\"https://tfsprodweu4.app.visualstudio.com/\"")
        .with("WWW-Authenticate", "TFS-Federated")
}

/// Names the tenant whose tokens would be taken.
fn challenge_headers(state: &State, answer: Answer) -> Answer {
    let tenant = &state.scenario.organization.tenant;
    answer
        .with(
            "WWW-Authenticate",
            format!("Bearer authorization_uri=https://login.microsoftonline.com/{tenant}"),
        )
        .with("X-VSS-ResourceTenant", tenant.clone())
}
