//! When a request is tried again, and how long it waits first.

use std::time::{Duration, SystemTime};

use super::{Request, Response, Transport, TransportError};

/// Which answers are worth another try, and how long to wait for it
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    /// Who answers, for the line that says why it waits
    pub server: &'static str,
    /// How often a request is tried again at most
    pub retries: u32,
    /// The first wait; each further one is twice as long
    pub first_wait: Duration,
    /// Whether an answer is worth another try
    pub is_passing: fn(&Response) -> bool,
}

/// Entra's token endpoint: 429 and 5xx (facts: MSAL tries once more after 1 s; `Retry-After` goes before)
pub const TOKEN_ENDPOINT: RetryPolicy = RetryPolicy {
    server: "the token endpoint",
    retries: 3,
    first_wait: Duration::from_secs(1),
    is_passing: |response| response.status == 429 || response.status >= 500,
};

/// The instance metadata service asks to be tried again at 404, 410, 429 and 5xx, with growing waits.
pub const IMDS: RetryPolicy = RetryPolicy {
    server: "the instance metadata service",
    retries: 5,
    first_wait: Duration::from_secs(1),
    is_passing: |response| matches!(response.status, 404 | 410 | 429) || response.status >= 500,
};

/// The other managed identity endpoints
pub const MANAGED_IDENTITY: RetryPolicy = RetryPolicy {
    server: "the managed identity endpoint",
    retries: 3,
    first_wait: Duration::from_secs(1),
    is_passing: |response| matches!(response.status, 404 | 408 | 429 | 500 | 503 | 504),
};

/// The endpoints that issue OIDC assertions
pub const OIDC: RetryPolicy = RetryPolicy {
    server: "the OIDC endpoint",
    retries: 3,
    first_wait: Duration::from_secs(2),
    is_passing: |response| response.status == 429 || response.status >= 500,
};

/// Azure DevOps: 429 and the gateway errors; a collection that is stopped says so in a header and stays stopped
pub const AZURE_DEVOPS: RetryPolicy = RetryPolicy {
    server: "Azure DevOps",
    retries: 3,
    first_wait: Duration::from_secs(1),
    is_passing: |response| {
        matches!(response.status, 429 | 502 | 503 | 504)
            && response.header("x-tfs-serviceerror").is_none()
            && response.header("x-vss-hostofflineerror").is_none()
    },
};

/// While the metadata service is updated it answers 410, for up to 70 s.
const WAIT_WHILE_UPDATING: Duration = Duration::from_secs(10);

impl RetryPolicy {
    /// Sends all requests, and those with a passing failure again, together.
    ///
    /// The last answer stands when the tries are used up, or when the wait
    /// would outlast the command's deadline.
    pub fn send_all(
        &self,
        transport: &dyn Transport,
        requests: &[Request],
        now: SystemTime,
    ) -> Vec<Result<Response, TransportError>> {
        let mut answers = transport.send_all(requests);
        for retry in 0..self.retries {
            let again: Vec<usize> =
                (0..answers.len()).filter(|index| self.is_worth_another(&answers[*index])).collect();
            let waits = again.iter().map(|index| self.wait_for(&answers[*index], retry, now));
            let Some(wait) = waits.max() else { break };
            if wait >= transport.remaining() {
                break;
            }
            transport.wait(wait, &self.reason(&answers[again[0]], retry));
            let repeated: Vec<Request> = again.iter().map(|index| requests[*index].clone()).collect();
            for (index, answer) in again.into_iter().zip(transport.send_all(&repeated)) {
                answers[index] = answer;
            }
        }
        answers
    }

    /// Sends one request, and again after passing failures.
    ///
    /// # Errors
    /// [`TransportError`] where no whole answer came in the end.
    pub fn send(
        &self,
        transport: &dyn Transport,
        request: Request,
        now: SystemTime,
    ) -> Result<Response, TransportError> {
        self.send_all(transport, &[request], now)
            .pop()
            .unwrap_or(Err(TransportError::Other("the request was not sent".into())))
    }

    fn is_worth_another(&self, answer: &Result<Response, TransportError>) -> bool {
        match answer {
            Ok(response) => (self.is_passing)(response),
            Err(error) => error.is_passing(),
        }
    }

    fn wait_for(&self, answer: &Result<Response, TransportError>, retry: u32, now: SystemTime) -> Duration {
        let own = self.first_wait * 2_u32.pow(retry);
        let Ok(response) = answer else { return jittered(own) };
        match response.header("retry-after").and_then(|value| retry_after(value, now)) {
            Some(asked) => asked,
            None if response.status == 410 => WAIT_WHILE_UPDATING,
            None => jittered(own),
        }
    }

    fn reason(&self, answer: &Result<Response, TransportError>, retry: u32) -> String {
        let what = match answer {
            Ok(response) => format!("answered {}", response.status),
            Err(error) => format!("didn't answer: {error}"),
        };
        format!("{} {what} (try {} of {})", self.server, retry + 1, self.retries + 1)
    }
}

/// Up to a quarter longer, so that clients that failed together don't come back together
fn jittered(wait: Duration) -> Duration {
    let mut byte = [0_u8];
    // Without randomness the wait is merely not spread.
    let _ = getrandom::fill(&mut byte);
    wait + wait * u32::from(byte[0]) / 1024
}

/// The wait that `Retry-After` asks for: seconds, or a date (RFC 9110 §10.2.3)
pub fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    // Whole seconds by the standard; Azure DevOps' other headers have fractions, which are rounded up.
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    if let Ok(seconds) = whole.parse() {
        let rest = u64::from(fraction.bytes().any(|digit| digit != b'0'));
        return Some(Duration::from_secs(seconds) + Duration::from_secs(rest));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::http::Endpoint;

    /// A transport that answers from a list and writes down its waits
    struct Scripted {
        answers: RefCell<Vec<Result<Response, TransportError>>>,
        waits: RefCell<Vec<(Duration, String)>>,
        remaining: Duration,
    }

    impl Transport for Scripted {
        fn send_all(&self, requests: &[Request]) -> Vec<Result<Response, TransportError>> {
            requests.iter().map(|_| self.answers.borrow_mut().remove(0)).collect()
        }

        fn wait(&self, time: Duration, reason: &str) {
            self.waits.borrow_mut().push((time, reason.to_owned()));
        }

        fn remaining(&self) -> Duration {
            self.remaining
        }
    }

    fn answer(status: u16, headers: &[(&str, &str)]) -> Result<Response, TransportError> {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Ok(Response { status, headers, body: Vec::new() })
    }

    fn scripted(answers: Vec<Result<Response, TransportError>>) -> Scripted {
        Scripted {
            answers: RefCell::new(answers),
            waits: RefCell::default(),
            remaining: Duration::from_secs(60),
        }
    }

    fn request() -> Request {
        Request::get(Endpoint::parse("https://h/").expect("a URL"))
    }

    fn now() -> SystemTime {
        httpdate::parse_http_date("Mon, 02 Nov 2026 09:00:00 GMT").expect("a date")
    }

    #[test]
    fn waits_grow_and_the_last_answer_stands() {
        let transport =
            scripted(vec![answer(503, &[]), answer(500, &[]), answer(429, &[]), answer(503, &[])]);
        let last = TOKEN_ENDPOINT.send(&transport, request(), now()).expect("an answer");
        assert_eq!(last.status, 503);
        let waits = transport.waits.borrow();
        for ((wait, _), seconds) in waits.iter().zip([1, 2, 4]) {
            let least = Duration::from_secs(seconds);
            assert!(*wait >= least && *wait <= least * 5 / 4, "{wait:?}");
        }
        assert_eq!(waits[0].1, "the token endpoint answered 503 (try 1 of 4)");
    }

    #[test]
    fn the_server_may_say_how_long() {
        let date = "Mon, 02 Nov 2026 09:00:07 GMT";
        for (value, seconds) in [("3", 3), ("0.5", 1), (date, 7), ("Mon, 02 Nov 2026 08:00:00 GMT", 0)] {
            let transport = scripted(vec![answer(429, &[("retry-after", value)]), answer(200, &[])]);
            assert_eq!(TOKEN_ENDPOINT.send(&transport, request(), now()).expect("an answer").status, 200);
            assert_eq!(transport.waits.borrow()[0].0, Duration::from_secs(seconds), "{value}");
        }
        assert_eq!(retry_after("soon", now()), None);
        assert_eq!(retry_after("-1", now()), None);
    }

    #[test]
    fn a_wait_beyond_the_deadline_is_not_begun() {
        let transport = scripted(vec![answer(429, &[("retry-after", "60")])]);
        assert_eq!(TOKEN_ENDPOINT.send(&transport, request(), now()).expect("an answer").status, 429);
        assert!(transport.waits.borrow().is_empty());
    }

    #[test]
    fn only_what_failed_is_sent_again() {
        let transport = scripted(vec![answer(200, &[]), Err(TransportError::Reset), answer(201, &[])]);
        let answers = AZURE_DEVOPS.send_all(&transport, &[request(), request()], now());
        let statuses: Vec<_> =
            answers.into_iter().map(|answer| answer.map(|response| response.status)).collect();
        assert_eq!(statuses, [Ok(200), Ok(201)]);
    }

    #[test]
    fn a_stopped_collection_is_not_asked_again() {
        let transport = scripted(vec![answer(503, &[("x-tfs-serviceerror", "stopped")])]);
        assert_eq!(AZURE_DEVOPS.send(&transport, request(), now()).expect("an answer").status, 503);
    }

    #[test]
    fn while_the_metadata_service_is_updated_the_wait_is_ten_seconds() {
        let transport = scripted(vec![answer(410, &[]), answer(200, &[])]);
        assert_eq!(IMDS.send(&transport, request(), now()).expect("an answer").status, 200);
        assert_eq!(transport.waits.borrow()[0].0, WAIT_WHILE_UPDATING);
    }
}
