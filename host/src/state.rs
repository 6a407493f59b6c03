use anyhow::{Context, Result};
use wasmtime::{
    Engine, Store,
    component::{Linker, ResourceTable},
};
use wasmtime_wasi::{
    FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView,
    p2::{add_to_linker_async, pipe::MemoryOutputPipe},
};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView, p2::add_only_http_to_linker_async};

use crate::{
    clock::Pinned,
    network::Hooks,
    random,
    run::{Output, Run},
};

/// More output than this is a runaway guest; it traps.
const CAPTURE_LIMIT: usize = 64 * 1024 * 1024;

/// All that a component's imports are met with.
pub(crate) fn linker(engine: &Engine) -> Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    add_to_linker_async(&mut linker)?;
    add_only_http_to_linker_async(&mut linker)?;
    Ok(linker)
}

/// What a [`Run`] asks for, made: one instance after another may live in it.
pub(crate) struct Surroundings {
    run: Run,
    pub(crate) clock: Option<Pinned>,
    pub(crate) hooks: Hooks,
    pub(crate) stdout: MemoryOutputPipe,
    pub(crate) stderr: MemoryOutputPipe,
}

impl Surroundings {
    pub(crate) fn new(run: &Run) -> Result<Self> {
        Ok(Self {
            run: run.clone(),
            clock: run.wall_clock.map(Pinned::at).transpose()?,
            hooks: Hooks::new(&run.network)?,
            stdout: MemoryOutputPipe::new(CAPTURE_LIMIT),
            stderr: MemoryOutputPipe::new(CAPTURE_LIMIT),
        })
    }

    /// The store of one instance.
    pub(crate) fn store(&self, engine: &Engine) -> Result<Store<State>> {
        let run = &self.run;
        let mut wasi = WasiCtxBuilder::new();
        match run.output {
            Output::Captured => wasi.stdout(self.stdout.clone()).stderr(self.stderr.clone()),
            Output::Inherited => wasi.inherit_stdio(),
        };
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
        if let Some(clock) = &self.clock {
            wasi.wall_clock(clock.clone());
        }
        if run.deterministic_random {
            random::repeat(&mut wasi);
        }
        let (hooks, http, table) = (self.hooks.clone(), WasiHttpCtx::new(), ResourceTable::new());
        Ok(Store::new(engine, State { hooks, http, table, wasi: wasi.build() }))
    }
}

/// What belongs to one instance while it lives.
pub(crate) struct State {
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
