//! `wait`: until agents are online or idle, the queue is short, or a named agent is there.

use std::time::{Duration, Instant, SystemTime};

use serde_json::json;

use super::{Console, look, parallel, sign_in, timeout};
use crate::devops::{Client, Organization, PoolSelector, Scope, Snapshot, selectors};
use crate::explain::Failure;
use crate::health::{Goal, Policy, PoolView, Tally};
use crate::http::wasi::WasiTransport;
use crate::identity::{Acquired, Chain, Exchange};
use crate::inputs::{Inputs, UsageError};
use crate::moment::{span, span_rounded_up};
use crate::paragraph::paragraph;
use crate::report::{self, Format};
use crate::secret::Secret;

/// A pause is never longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// A token that ends sooner isn't used for a further look.
const RENEWAL: Duration = Duration::from_secs(5 * 60);

/// How much of what is missing is told after each look; the end tells all
const LISTED: usize = 3;

/// All that a look needs, besides the time
struct Wait<'a> {
    organization: Organization,
    selectors: Vec<PoolSelector>,
    policy: Policy,
    goal: Goal,
    timeout: Duration,
    parallel: usize,
    chain: Chain,
    console: &'a Console,
}

/// Runs the command.
pub fn run(inputs: &Inputs, now: SystemTime, console: &Console) -> Result<u8, Failure> {
    let wait = Wait {
        organization: Organization::from_input(inputs.require("organization")?)?,
        selectors: selectors(inputs)?,
        policy: Policy::from_inputs(inputs)?,
        goal: Goal::from_inputs(inputs)?,
        timeout: timeout(inputs, "timeout")?,
        parallel: parallel(inputs)?,
        chain: Chain::from_inputs(inputs)?,
        console,
    };
    let (deadline, mut pause) = (timeout(inputs, "deadline")?, first_pause(inputs)?);
    let format = inputs.require("format")?;
    if !matches!(Format::named(format.text()), Some(Format::Json | Format::Pipelines | Format::Text)) {
        return Err(format.wrong("isn't a format of `wait`", "`text`, `json` or `pipelines`").into());
    }

    let begun = Instant::now();
    let mut acquired = None;
    let mut looks = 0_u32;
    loop {
        looks += 1;
        let left = deadline.saturating_sub(begun.elapsed());
        let seen = match wait.look(&mut acquired, now + begun.elapsed(), left) {
            Ok(seen) => seen,
            // What may pass is worth another look.
            Err(Failure::Unavailable(explanation)) => {
                Seen { pools: Vec::new(), missing: vec![explanation.headline] }
            }
            Err(failure) => return Err(failure),
        };
        let left = deadline.saturating_sub(begun.elapsed());
        let is_reached = seen.missing.is_empty();
        if is_reached || left.is_zero() {
            console.print(&match format.text() {
                "json" => report::json::document(&seen.document(looks)),
                _ => seen.conclusion(deadline),
            });
            if !is_reached {
                console.complain(&format!("not reached within {}: {}", span(deadline), seen.in_short()));
            }
            return Ok(u8::from(!is_reached));
        }
        let time = pause.min(left);
        let percent = begun.elapsed().as_secs() * 100 / deadline.as_secs().max(1);
        console.progress(
            u32::try_from(percent).unwrap_or(100).min(100),
            &format!("look {looks}: {}; the next in {}", seen.in_short(), span_rounded_up(time)),
        );
        std::thread::sleep(time);
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
}

impl Wait<'_> {
    /// What is missing now
    fn look(
        &self,
        acquired: &mut Option<Acquired>,
        now: SystemTime,
        left: Duration,
    ) -> Result<Seen, Failure> {
        let note = |text: &str| self.console.note(text);
        // The last look begins at the deadline, and may take as long as any.
        let timeout =
            if left.is_zero() { self.timeout } else { self.timeout.min(left.max(Duration::from_secs(1))) };
        let transport = WasiTransport::new(timeout, self.parallel, now, &note);
        let mask = |secret: &Secret| self.console.mask(secret);
        let exchange = Exchange { transport: &transport, now, mask: &mask };
        let token = match acquired.take().filter(|acquired| !acquired.token.ends_within(RENEWAL, now)) {
            Some(token) => token,
            None => sign_in(&self.chain, &exchange, self.console)?,
        };
        let client = Client::new(exchange, &self.organization, &token.token);
        let snapshot = Snapshot::read(&client, &self.selectors, &Scope::default());
        *acquired = Some(token);
        let snapshot = snapshot?;
        look::check_pools(&snapshot)?;
        let views = PoolView::all(&snapshot, &self.policy, now);
        let pools = views.iter().map(|view| (view.snapshot.pool.name.clone(), view.tally)).collect();
        Ok(Seen { pools, missing: self.goal.missing(&views) })
    }
}

/// The first pause; one that is longer than the whole wait is a slip.
fn first_pause(inputs: &Inputs) -> Result<Duration, UsageError> {
    let (deadline, interval) = (inputs.require("deadline")?, inputs.require("interval")?);
    let (longest, pause) = (deadline.duration()?, interval.duration()?);
    if pause > longest && !interval.is_default() {
        return Err(UsageError::new(
            format!(
                "`{}` (`{}`) is longer than `{}` (`{}`)",
                interval.source,
                interval.text(),
                deadline.source,
                deadline.text()
            ),
            "give `deadline` the longer time: it holds for the whole wait",
        ));
    }
    Ok(pause)
}

/// What a look saw
struct Seen {
    pools: Vec<(String, Tally)>,
    missing: Vec<String>,
}

impl Seen {
    fn document(&self, looks: u32) -> serde_json::Value {
        let pools: Vec<_> = self.pools.iter().map(|(name, tally)| json!({ "name": name, "online": tally.available(), "idle": tally.idle, "queuedJobs": tally.queued_jobs })).collect();
        json!({ "met": self.missing.is_empty(), "looks": looks, "missing": self.missing, "pools": pools })
    }

    fn conclusion(&self, deadline: Duration) -> String {
        let (mut text, lines) = match self.missing.is_empty() {
            true => {
                let pools = self.pools.iter().map(|(name, tally)| {
                    format!(
                        "{name}: {} online, {} idle, {} queued",
                        tally.available(),
                        tally.idle,
                        tally.queued_jobs
                    )
                });
                ("reached:\n".to_owned(), pools.collect())
            }
            false => (format!("not reached within {}:\n", span(deadline)), self.missing.clone()),
        };
        for line in lines {
            text.push_str(&paragraph(&report::clean(&line), "  ", "    "));
        }
        text
    }

    /// The first of what is missing
    fn in_short(&self) -> String {
        let listed = self.missing.iter().take(LISTED).cloned().collect::<Vec<_>>().join("; ");
        match self.missing.len().saturating_sub(LISTED) {
            0 => listed,
            more => format!("{listed}; and {more} more"),
        }
    }
}
