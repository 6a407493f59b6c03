//! The component's door: `wasi:cli/run`.

use std::time::SystemTime;

use pool_lifeguard::commands::{Console, run};
use pool_lifeguard::inputs::Environment;

fn main() {
    let environment: Environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let console = Console::new(&environment);
    let code = run(std::env::args_os().skip(1), environment, SystemTime::now(), &console);
    if code != 0 {
        // `std::process::exit` would turn every code into 1.
        wasip2::cli::exit::exit_with_code(code);
    }
}
