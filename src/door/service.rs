//! What the second door knows between two requests, where the host keeps the instance, and how it learns it.

use std::cell::RefCell;
use std::time::{Duration, SystemTime};

use crate::commands::{Console, look, parallel};
use crate::devops::{Client, Organization, PoolSelector, Scope, Snapshot};
use crate::explain::Failure;
use crate::health::Policy;
use crate::http::wasi::WasiTransport;
use crate::identity::{Acquired, Chain, Exchange};
use crate::inputs::{Arguments, Environment, Inputs, UsageError};

/// How long an answer may take where nobody says it: scrapers give up after ten seconds.
const DEADLINE: Duration = Duration::from_secs(9);

/// A token that ends sooner isn't used for a further request.
const RENEWAL: Duration = Duration::from_secs(5 * 60);

/// How many looks are kept: those at all pools, and at single ones
const KEPT: usize = 64;

thread_local! {
    static MEMORY: RefCell<Memory> = const { RefCell::new(Memory { token: None, looks: Vec::new() }) };
}

/// What was learned by earlier requests; empty in a new instance
struct Memory {
    token: Option<Acquired>,
    looks: Vec<Look>,
}

/// Pools at the moment of an earlier request
struct Look {
    at: String,
    taken_at: SystemTime,
    snapshot: Snapshot,
}

/// One request's way to Azure DevOps
pub struct Service {
    /// The inputs, of which there are only variables
    pub inputs: Inputs,
    /// The organization
    pub organization: Organization,
    /// What counts as healthy
    pub policy: Policy,
    chain: Chain,
    cache_for: Duration,
    deadline: Duration,
    now: SystemTime,
    console: Console,
}

impl Service {
    /// Reads all inputs, before anything is sent.
    ///
    /// # Errors
    /// [`UsageError`] for a wrong one.
    pub fn from_environment(environment: Environment, now: SystemTime) -> Result<Self, UsageError> {
        let console = Console::new(&environment);
        let inputs = Inputs::collect(&Arguments::default(), environment)?;
        let timeout = inputs.require("timeout")?;
        Ok(Self {
            organization: Organization::from_input(inputs.require("organization")?)?,
            policy: Policy::from_inputs(&inputs)?,
            chain: Chain::from_inputs(&inputs)?,
            cache_for: inputs.require("cacheFor")?.duration()?,
            deadline: if timeout.is_default() { DEADLINE } else { timeout.duration()? },
            inputs,
            now,
            console,
        })
    }

    /// Whether a token can be had.
    ///
    /// # Errors
    /// A [`Failure`] that says why not.
    pub fn sign_in(&self) -> Result<(), Failure> {
        let acquired = self.with_exchange(|exchange| self.token(exchange))?;
        MEMORY.with_borrow_mut(|memory| memory.token = Some(acquired));
        Ok(())
    }

    /// The pools, as they are or were a few seconds ago, and when that was
    ///
    /// # Errors
    /// A [`Failure`] where they can't be read.
    pub fn look<T>(
        &self,
        selectors: &[PoolSelector],
        scope: &Scope,
        answer: impl FnOnce(&Snapshot, &str, SystemTime) -> T,
    ) -> Result<T, Failure> {
        let at = selectors.iter().map(PoolSelector::text).collect::<Vec<_>>().join("\n");
        let at = format!("{at} {}", scope.history);
        let kept = MEMORY.with_borrow_mut(|memory| {
            let is_fresh =
                |look: &Look| self.now.duration_since(look.taken_at).is_ok_and(|age| age < self.cache_for);
            memory.looks.retain(is_fresh);
            let place = memory.looks.iter().position(|look| look.at == at)?;
            Some((memory.looks.swap_remove(place), memory.token.take()))
        });
        let (look, acquired) = match kept {
            Some((look, Some(acquired))) => (look, acquired),
            _ => {
                let (snapshot, acquired) = self.with_exchange(|exchange| {
                    let acquired = self.token(exchange)?;
                    let client = Client::new(*exchange, &self.organization, &acquired.token);
                    Ok((Snapshot::read(&client, selectors, scope)?, acquired))
                })?;
                look::note_what_is_missing(&snapshot, &self.console);
                (Look { at, taken_at: self.now, snapshot }, acquired)
            }
        };
        let answer = answer(&look.snapshot, &acquired.credential, look.taken_at);
        MEMORY.with_borrow_mut(|memory| {
            memory.token = Some(acquired);
            if memory.looks.len() < KEPT {
                memory.looks.push(look);
            }
        });
        Ok(answer)
    }

    /// The token of an earlier request, or a new one. It is forgotten until its use has gone well.
    fn token(&self, exchange: &Exchange<'_>) -> Result<Acquired, Failure> {
        let kept = MEMORY.with_borrow_mut(|memory| memory.token.take());
        match kept.filter(|acquired| !acquired.token.ends_within(RENEWAL, self.now)) {
            Some(acquired) => Ok(acquired),
            None => self.chain.acquire(exchange),
        }
    }

    fn with_exchange<T>(&self, work: impl FnOnce(&Exchange<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        let note = |text: &str| self.console.note(text);
        let transport = WasiTransport::new(self.deadline, parallel(&self.inputs)?, self.now, &note);
        work(&Exchange { transport: &transport, now: self.now, mask: &|_| () })
    }
}
