use std::path::{Path, absolute};

use anyhow::{Context, Result};
use wasmtime::{
    Cache, CacheConfig, Config, Engine, Store,
    component::{self, Linker, ResourceTable},
};
use wasmtime_wasi::{
    FsPerms, I32Exit, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView,
    p2::{
        add_to_linker_async,
        bindings::{Command, CommandPre},
        pipe::MemoryOutputPipe,
    },
};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView, p2::add_only_http_to_linker_async};

use crate::{
    clock::Pinned,
    network::Hooks,
    random,
    run::{Outcome, Output, Run},
};

/// More output than this is a runaway guest; it traps.
const CAPTURE_LIMIT: usize = 64 * 1024 * 1024;

/// What `wasmtime run` exits with after a trap: 128 and SIGABRT.
const TRAPPED: i32 = 134;

/// A compiled component, ready for any number of runs.
pub struct Component {
    engine: Engine,
    pre: CommandPre<State>,
}

impl Component {
    /// Reads and compiles a component that exports `wasi:cli/run`.
    ///
    /// The machine code is kept in the folder `compiled` beside it, by wasmtime's own cache: that
    /// keys it by the component, the version of wasmtime and the CPU, and drops what is old.
    pub fn load(path: &Path) -> Result<Self> {
        let mut config = Config::new();
        config.cache(cache_beside(path));
        let engine = Engine::new(&config)?;

        let mut linker = Linker::new(&engine);
        add_to_linker_async(&mut linker)?;
        add_only_http_to_linker_async(&mut linker)?;

        let component = component::Component::from_file(&engine, path)
            .map_err(anyhow::Error::from)
            .with_context(|| format!("can't load the component {}", path.display()))?;
        let pre = CommandPre::new(linker.instantiate_pre(&component)?)
            .map_err(anyhow::Error::from)
            .with_context(|| format!("{} isn't a command of WASI 0.2", path.display()))?;
        Ok(Self { engine, pre })
    }

    /// Runs it to its end. Not to be called from within an async runtime: it makes its own.
    ///
    /// What the guest does wrong is in the [`Outcome`], a trap too; an error here is the host's.
    pub fn run(&self, run: &Run) -> Result<Outcome> {
        let stdout = MemoryOutputPipe::new(CAPTURE_LIMIT);
        let stderr = MemoryOutputPipe::new(CAPTURE_LIMIT);
        let hooks = Hooks::new(&run.network)?;
        let requests = hooks.requests();

        let mut wasi = WasiCtxBuilder::new();
        match run.output {
            Output::Captured => wasi.stdout(stdout.clone()).stderr(stderr.clone()),
            Output::Inherited => wasi.inherit_stdio(),
        };
        configure(&mut wasi, run)?;
        let state =
            State { hooks, http: WasiHttpCtx::new(), table: ResourceTable::new(), wasi: wasi.build() };

        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let ended = runtime.block_on(async {
            let mut store = Store::new(&self.engine, state);
            let command: Command = self.pre.instantiate_async(&mut store).await?;
            command.wasi_cli_run().call_run(&mut store).await
        });
        // A name lookup that the guest gave up on would otherwise be waited for.
        runtime.shutdown_background();

        let mut stderr = stderr.contents().to_vec();
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
        Ok(Outcome { exit_code, stdout: stdout.contents().to_vec(), stderr, requests: requests.take() })
    }
}

fn configure(wasi: &mut WasiCtxBuilder, run: &Run) -> Result<()> {
    wasi.arg("lifeguard").args(&run.args).envs(&run.env);
    for folder in &run.folders {
        let permissions = match folder.writable {
            true => FsPerms::ReadWrite,
            false => FsPerms::ReadOnly,
        };
        wasi.preopened_dir(&folder.host, &folder.guest, permissions)
            .map_err(anyhow::Error::from)
            .with_context(|| format!("can't open the folder {}", folder.host.display()))?;
    }
    if let Some(time) = run.wall_clock {
        wasi.wall_clock(Pinned::at(time)?);
    }
    if run.deterministic_random {
        random::repeat(wasi);
    }
    Ok(())
}

/// No cache where it can't be written: then every load compiles.
fn cache_beside(path: &Path) -> Option<Cache> {
    let folder = absolute(path).ok()?.parent()?.join("compiled");
    let mut config = CacheConfig::new();
    config.with_directory(folder);
    Cache::new(config).ok()
}

/// What belongs to one run while it goes on.
struct State {
    hooks: Hooks,
    http: WasiHttpCtx,
    table: ResourceTable,
    wasi: WasiCtx,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, hooks: &mut self.hooks, table: &mut self.table }
    }
}
