use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use wasmtime_wasi::HostWallClock;

/// A wall clock that stands still.
pub(crate) struct Pinned(Duration);

impl Pinned {
    pub(crate) fn at(time: SystemTime) -> Result<Self> {
        let since_epoch =
            time.duration_since(SystemTime::UNIX_EPOCH).context("WASI has no times before 1970")?;
        Ok(Self(since_epoch))
    }
}

impl HostWallClock for Pinned {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        self.0
    }
}
