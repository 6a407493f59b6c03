use std::path::{Path, absolute};

use anyhow::{Context, Error, Result};
use tokio::runtime;
use wasmtime::{
    Cache, CacheConfig, Config, Engine,
    component::{self, InstancePre},
};
use wasmtime_wasi::{I32Exit, p2::bindings::CommandPre};
use wasmtime_wasi_http::p2::bindings::ProxyPre;

use crate::{
    run::{Outcome, Output, Run},
    serve::{Instances, Server},
    state::{State, Surroundings, linker},
};

/// What `wasmtime run` exits with after a trap: 128 and SIGABRT.
const TRAPPED: i32 = 134;

/// A compiled component, ready for any number of runs.
pub struct Component {
    engine: Engine,
    pre: InstancePre<State>,
}

impl Component {
    /// Reads and compiles a component of WASI 0.2.
    ///
    /// The machine code is kept in the folder `compiled` beside it, by wasmtime's own cache: that
    /// keys it by the component, the version of wasmtime and the CPU, and drops what is old.
    pub fn load(path: &Path) -> Result<Self> {
        let mut config = Config::new();
        config.cache(cache_beside(path));
        let engine = Engine::new(&config)?;
        let linker = linker(&engine)?;
        let pre = component::Component::from_file(&engine, path)
            .and_then(|component| linker.instantiate_pre(&component))
            .map_err(Error::from)
            .with_context(|| format!("can't load the component {}", path.display()))?;
        Ok(Self { engine, pre })
    }

    /// Runs its `wasi:cli/run` to the end. Not to be called from within an async runtime: it makes its own.
    ///
    /// What the guest does wrong is in the [`Outcome`], a trap too; an error here is the host's.
    pub fn run(&self, run: &Run) -> Result<Outcome> {
        let pre = CommandPre::new(self.pre.clone())
            .map_err(Error::from)
            .context("the component doesn't export wasi:cli/run")?;
        let surroundings = Surroundings::new(run)?;
        let mut store = surroundings.store(&self.engine)?;

        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let ended = runtime.block_on(async move {
            let command = pre.instantiate_async(&mut store).await?;
            command.wasi_cli_run().call_run(&mut store).await
        });
        // A name lookup that the guest gave up on would otherwise be waited for.
        runtime.shutdown_background();

        let mut stderr = surroundings.stderr.contents().to_vec();
        let exit_code = match ended {
            Ok(Ok(())) => 0,
            Ok(Err(())) => 1,
            Err(error) => match error.downcast_ref::<I32Exit>() {
                Some(exit) => exit.0,
                None => {
                    let cause = format!("lifeguard-host: the component trapped: {error:?}\n");
                    match run.output {
                        Output::Captured => stderr.extend(cause.into_bytes()),
                        Output::Inherited => eprint!("{cause}"),
                    }
                    TRAPPED
                }
            },
        };
        Ok(Outcome {
            exit_code,
            stdout: surroundings.stdout.contents().to_vec(),
            stderr,
            requests: surroundings.hooks.requests_since(0),
        })
    }

    /// Makes a server of its `wasi:http/incoming-handler`. The same goes for async runtimes as in [`Self::run`].
    pub fn serve(&self, run: &Run, instances: Instances) -> Result<Server> {
        let pre = ProxyPre::new(self.pre.clone())
            .map_err(Error::from)
            .context("the component doesn't export wasi:http/incoming-handler")?;
        Server::new(pre, Surroundings::new(run)?, instances)
    }
}

/// No cache where it can't be written: then every load compiles.
fn cache_beside(path: &Path) -> Option<Cache> {
    let folder = absolute(path).ok()?.parent()?.join("compiled");
    let mut config = CacheConfig::new();
    config.with_directory(folder);
    Cache::new(config).ok()
}
