//! The component's two doors: `wasi:cli/run` and `wasi:http/incoming-handler`.

use std::time::SystemTime;

use pool_lifeguard::commands::{Console, run};
use pool_lifeguard::door;
use pool_lifeguard::http::incoming;
use pool_lifeguard::inputs::Environment;
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{IncomingRequest, ResponseOutparam};

fn main() {
    let environment = environment();
    let console = Console::new(&environment);
    let code = run(std::env::args_os().skip(1), environment, SystemTime::now(), console);
    if code != 0 {
        // `std::process::exit` would turn every code into 1.
        wasip2::cli::exit::exit_with_code(code);
    }
}

/// The second door: the host calls it for every request, `main` isn't run before.
struct Door;

impl Guest for Door {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        incoming::serve(request, out, |request| door::handle(request, environment(), SystemTime::now()));
    }
}

wasip2::http::proxy::export!(Door);

fn environment() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
