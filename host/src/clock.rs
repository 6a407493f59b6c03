use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result};
use wasmtime_wasi::HostWallClock;

/// A wall clock that stands still until it is set; its clones show the same time.
#[derive(Clone)]
pub(crate) struct Pinned(Arc<Mutex<Duration>>);

impl Pinned {
    pub(crate) fn at(time: SystemTime) -> Result<Self> {
        Ok(Self(Arc::new(Mutex::new(since_epoch(time)?))))
    }

    pub(crate) fn set(&self, time: SystemTime) -> Result<()> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = since_epoch(time)?;
        Ok(())
    }
}

impl HostWallClock for Pinned {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn since_epoch(time: SystemTime) -> Result<Duration> {
    time.duration_since(SystemTime::UNIX_EPOCH).context("WASI has no times before 1970")
}
