//! What a managed identity endpoint answers.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::selector::Selector;
use crate::explain::Explanation;
use crate::http::{Endpoint, Request, Response, retry::RetryPolicy};
use crate::identity::app::{not_entra, seconds, unreachable};
use crate::identity::{Claims, Exchange};
use crate::secret::Secret;

/// A token, and when it ends
pub type Token = (Secret, Option<SystemTime>);

/// Asks an endpoint, and reads the token in its answer.
///
/// # Errors
/// An [`Explanation`] of why there is none.
pub fn ask(
    exchange: &Exchange<'_>,
    request: Request,
    policy: &RetryPolicy,
    selector: Option<&Selector>,
) -> Result<Token, Explanation> {
    let endpoint = request.endpoint.clone();
    let answer = policy.send(exchange.transport, request, exchange.now);
    let response = answer.map_err(|error| unreachable(&endpoint, &error))?;
    read(&endpoint, &response, selector, false, exchange.now)
}

/// Reads the token in an answer, and checks that it is the selected identity's. Where an answer `must_tell` whose
/// token it is, one that doesn't is refused.
///
/// # Errors
/// An [`Explanation`] of why there is none.
pub fn read(
    endpoint: &Endpoint,
    response: &Response,
    selector: Option<&Selector>,
    must_tell: bool,
    now: SystemTime,
) -> Result<Token, Explanation> {
    if response.status != 200 {
        return Err(refused(endpoint, response, selector));
    }
    let issued = response.json_value();
    let Some(token) = issued["access_token"].as_str().map(Secret::from) else {
        return Err(not_entra(endpoint, response));
    };
    if let Some(selector) = selector {
        check_identity(&issued, &token, selector, must_tell)?;
    }
    let lifetime = seconds(&issued["expires_in"]);
    let expires_on =
        instant(&issued["expires_on"]).or_else(|| lifetime.and_then(|lifetime| now.checked_add(lifetime)));
    Ok((token, expires_on))
}

/// An old agent of Azure Arc ignores the selector and gives the system-assigned identity's token: whose it is
/// must follow from the answer or from the token itself.
fn check_identity(
    issued: &Value,
    token: &Secret,
    selector: &Selector,
    must_tell: bool,
) -> Result<(), Explanation> {
    let claims = Claims::of(token).unwrap_or_default();
    let (echoed, claimed) = match selector {
        Selector::Client(_) => (issued["client_id"].as_str(), claims.client_id.as_deref()),
        Selector::Object(_) => (issued["object_id"].as_str(), claims.object_id.as_deref()),
        Selector::Resource(_) => {
            (issued["msi_res_id"].as_str().or(issued["mi_res_id"].as_str()), claims.resource_id.as_deref())
        }
    };
    // What the token says of itself is what Azure DevOps goes by, so it goes first.
    let found = claimed.or(echoed);
    match found {
        Some(found) if found.eq_ignore_ascii_case(selector.id()) => return Ok(()),
        None if !must_tell => return Ok(()),
        _ => {}
    }
    Err(Explanation::new("the token is another identity's than the one that was selected")
        .fact("selected", selector.to_string())
        .fact("token's identity", found.unwrap_or("not told"))
        .fact("means", "an old agent (Azure Arc's, for one) ignores the selection and answers for the machine's own identity")
        .advise("update the machine's agent, or leave the selection away to use the machine's own identity"))
}

fn refused(endpoint: &Endpoint, response: &Response, selector: Option<&Selector>) -> Explanation {
    let refusal = response.json_value();
    let text = |names: &[&str]| names.iter().find_map(|name| refusal[*name].as_str()).map(str::to_owned);
    let code = text(&["error"]);
    let said = text(&["error_description", "message", "Message"]).unwrap_or_else(|| response.excerpt());
    let answer = match code {
        Some(code) => format!("{} {code}: {said}", response.status),
        None => format!("{}: {said}", response.status),
    };
    let explanation = match response.status {
        400 if speaks_of_identity(&said) => Explanation::new(match selector {
            Some(selector) => format!("the managed identity with {selector} isn't assigned to this resource"),
            None => "this resource has no system-assigned managed identity".into(),
        })
        .advise(match selector {
            Some(_) => "assign the user-assigned identity to this resource (its Identity page), or correct the id",
            None => {
                "switch the system-assigned identity on (the resource's Identity page), or select a user-assigned \
                 one by `--managed-identity-client-id`"
            }
        }),
        400 => Explanation::new("the managed identity endpoint doesn't take the request")
            .advise("see what it says; a wrong resource and a malformed id end like this"),
        401 | 403 => Explanation::new("the managed identity endpoint refuses this process").advise(
            "let the variables that the platform sets (IDENTITY_*, MSI_*) reach this process as they are: they \
             change when it starts anew",
        ),
        404 => Explanation::new("the managed identity endpoint isn't there")
            .advise("assign an identity to this resource first, and see that the endpoint's URL is the platform's own"),
        410 => Explanation::new("the instance metadata service is being updated")
            .advise("try again in a minute or two"),
        429 => Explanation::new("the managed identity endpoint has too many requests")
            .advise("ask once and keep the token until it expires"),
        502 | 504 => Explanation::new("a gateway before the managed identity endpoint failed")
            .advise("see whether a proxy stands between: requests to 169.254.169.254 must not go through one"),
        _ => Explanation::new("the managed identity endpoint failed").advise("try again; if it stays, restart the host"),
    };
    explanation
        .fact("asked", endpoint.to_string())
        .fact("answer", answer)
        .fact_if("correlation id", text(&["correlation_id", "CorrelationId", "correlationId"]))
}

fn speaks_of_identity(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("identity not found")
        || text.contains("no managed identity found")
        || text.contains("no user assigned")
        || text.contains("identity isn't assigned")
}

/// The forms in which platforms write `expires_on` (MSAL for Go reads the same): seconds since 1970 as number
/// or text, RFC 3339, the same with a space, and `01/02/2006 15:04:05 +00:00` with AM or PM
fn instant(value: &Value) -> Option<SystemTime> {
    if let Some(seconds) = seconds(value) {
        return UNIX_EPOCH.checked_add(seconds);
    }
    let text = value.as_str()?.trim();
    if let Ok(instant) = humantime::parse_rfc3339_weak(text) {
        return Some(instant);
    }
    american(text)
}

fn american(text: &str) -> Option<SystemTime> {
    let mut words = text.split_ascii_whitespace();
    let (date, time) = (words.next()?, words.next()?);
    let mut date = date.split('/').map(|part| part.parse::<u32>().ok());
    let (month, day, year) = (date.next()??, date.next()??, date.next()??);
    let mut time = time.split(':').map(|part| part.parse::<u32>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    let half = words.next().unwrap_or_default();
    let hour = match half {
        "AM" => hour % 12,
        "PM" => hour % 12 + 12,
        _ => hour,
    };
    let offset = if matches!(half, "AM" | "PM") { words.next() } else { Some(half) };
    if !matches!(offset, None | Some("" | "+00:00" | "Z")) {
        return None;
    }
    let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
    humantime::parse_rfc3339(&text).ok().filter(|instant| *instant > UNIX_EPOCH + Duration::from_secs(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_end_is_read_in_every_form() {
        let expected = Some(UNIX_EPOCH + Duration::from_secs(1_586_984_735));
        for value in [
            json!("1586984735"),
            json!(1_586_984_735),
            json!("2020-04-15T21:05:35Z"),
            json!("2020-04-15 21:05:35"),
            json!("04/15/2020 21:05:35 +00:00"),
            json!("4/15/2020 9:05:35 PM +00:00"),
        ] {
            assert_eq!(instant(&value), expected, "{value}");
        }
        for value in [json!("soon"), json!(null), json!("04/15/2020"), json!("4/15/2020 9:05:35 PM +02:00")] {
            assert_eq!(instant(&value), None, "{value}");
        }
    }
}
