//! [`Transport`] over wasi:http, with deadlines of the guest's own
//!
//! Hosts keep the timeouts of wasi:http's request options differently, and on
//! Node some not at all. So no call here blocks: all streams and futures in
//! flight are polled together with one timer for the nearest deadline.

mod error;
mod flight;
mod outgoing;

use std::cell::Cell;
use std::time::{Duration, Instant, SystemTime};

use wasip2::clocks::monotonic_clock::subscribe_duration;
use wasip2::io::poll::{Pollable, poll};

use self::flight::{Flight, Progress};
pub(super) use self::outgoing::write_some;
use super::retry::retry_after;
use super::{Request, Response, Transport, TransportError};
use crate::moment::span_rounded_up;

/// How often it is said how far a long row of requests has come
const PROGRESS: Duration = Duration::from_secs(5);

/// A row of fewer requests isn't spoken of
const LONG_ROW: usize = 20;

/// The transport that the component runs with
pub struct WasiTransport<'a> {
    timeout: Duration,
    deadline: Instant,
    parallel: usize,
    now: SystemTime,
    say: &'a dyn Fn(&str),
    /// A server asked for no further request before this moment.
    resume_at: Cell<Option<Instant>>,
}

impl<'a> WasiTransport<'a> {
    /// A transport whose requests and waits all end within `timeout` from `now`, and that has no more than `parallel`
    /// requests in flight; `say` hears why it waits
    pub fn new(timeout: Duration, parallel: usize, now: SystemTime, say: &'a dyn Fn(&str)) -> Self {
        let deadline = Instant::now() + timeout;
        Self { timeout, deadline, parallel, now, say, resume_at: Cell::new(None) }
    }
}

impl Transport for WasiTransport<'_> {
    fn send_all(&self, requests: &[Request]) -> Vec<Result<Response, TransportError>> {
        let mut answers: Vec<_> = requests.iter().map(|_| None).collect();
        let mut flights: Vec<Flight<'_>> = Vec::new();
        let mut next = 0;
        let mut spoken = Instant::now();
        loop {
            while next < requests.len() && flights.len() < self.parallel && self.may_start(flights.is_empty())
            {
                match self.start(next, &requests[next]) {
                    Ok(flight) => flights.push(flight),
                    Err(error) => answers[next] = Some(Err(error)),
                }
                next += 1;
            }
            if flights.is_empty() && next == requests.len() {
                break;
            }
            let ready = wait_for_any(&flights);
            flights = flights
                .into_iter()
                .enumerate()
                .filter_map(|(place, flight)| {
                    let index = flight.index;
                    let progress =
                        if ready.contains(&place) { flight.advance() } else { flight.unless_expired() };
                    match progress {
                        Progress::Flying(flight) => Some(flight),
                        Progress::Landed(answer) => {
                            self.heed(&answer);
                            answers[index] = Some(answer);
                            None
                        }
                    }
                })
                .collect();
            if requests.len() >= LONG_ROW && spoken.elapsed() >= PROGRESS {
                spoken = Instant::now();
                let come = next - flights.len();
                (self.say)(&format!("{come} of {} answers have come", requests.len()));
            }
        }
        let unsent = || Err(TransportError::Other("the request was not sent".into()));
        answers.into_iter().map(|answer| answer.unwrap_or_else(unsent)).collect()
    }

    fn wait(&self, time: Duration, reason: &str) {
        (self.say)(&format!("waiting {}: {reason}", span_rounded_up(time)));
        std::thread::sleep(time.min(self.remaining()));
    }

    fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

impl WasiTransport<'_> {
    /// Remembers what an answer that is none of failure asks for: to come back later. Azure DevOps slows down whom it
    /// would block next.
    fn heed(&self, answer: &Result<Response, TransportError>) {
        let Ok(response) = answer else { return };
        let asked = response.header("retry-after").and_then(|value| retry_after(value, self.now));
        if let Some(time) = asked.filter(|time| response.is_success() && !time.is_zero()) {
            let moment = Instant::now().checked_add(time);
            self.resume_at.set(self.resume_at.get().max(moment));
        }
    }

    /// Whether a further request may start; where nothing is in flight it waits until one may. One that would have to
    /// wait longer than there is time may too, and fails at once.
    fn may_start(&self, is_quiet: bool) -> bool {
        let wait = self.patience();
        if wait > self.remaining() {
            return true;
        }
        if !wait.is_zero() {
            if !is_quiet {
                return false;
            }
            self.wait(wait, "the server asks for fewer requests (Retry-After)");
        }
        self.resume_at.set(None);
        true
    }

    /// How long a server asked to be left alone from now on
    fn patience(&self) -> Duration {
        let moment = self.resume_at.get().unwrap_or_else(Instant::now);
        moment.saturating_duration_since(Instant::now())
    }

    fn start<'r>(&self, index: usize, request: &'r Request) -> Result<Flight<'r>, TransportError> {
        let now = Instant::now();
        // The error names the deadline that was set, not what happened to be left of it.
        let (expiry, given) = match now + request.deadline {
            own if own < self.deadline => (own, request.deadline),
            _ => (self.deadline, self.timeout),
        };
        let wait = self.patience();
        if wait > self.remaining() {
            return Err(TransportError::ToldToWait { wait });
        }
        if expiry <= now {
            return Err(TransportError::TimedOut { after: given, answering: false });
        }
        Flight::start(index, request, expiry, given)
    }
}

/// Returns when a flight can go on, or the nearest deadline has come: the places of those that can.
fn wait_for_any(flights: &[Flight<'_>]) -> Vec<usize> {
    let now = Instant::now();
    let Some(nearest) = flights.iter().map(|flight| flight.expiry).min() else { return Vec::new() };
    let nanoseconds = nearest.saturating_duration_since(now).as_nanos();
    let timer = subscribe_duration(u64::try_from(nanoseconds).unwrap_or(u64::MAX));
    let pollables: Vec<Pollable> = flights.iter().map(|flight| flight.subscribe()).collect();
    let mut all: Vec<&Pollable> = pollables.iter().collect();
    all.push(&timer);
    poll(&all).into_iter().map(|place| place as usize).collect()
}
