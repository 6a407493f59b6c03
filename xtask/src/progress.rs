//! A line on stderr per long step, with the time that it took.

use std::{
    io::{IsTerminal, Read, Write, stderr},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// A build that takes longer than this says so.
const QUICK: Duration = Duration::from_millis(1_500);

/// Runs a step that prints nothing itself: its name before, the time after.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let line = Line::start(name);
    let outcome = work();
    line.end(outcome.is_ok());
    outcome
}

/// Runs `cargo build`: without a word where there is nothing to do, else as a step whose time can
/// be watched. Gives its stdout.
///
/// The compiler's warnings follow the step's line; its errors make the build fail.
pub(crate) fn build(name: &str, cargo: &mut Command) -> Result<Vec<u8>> {
    let start = Instant::now();
    // Piped, cargo would drop the colours.
    let colour = if stderr().is_terminal() { "always" } else { "auto" };
    let mut child = cargo
        .args(["--quiet", "--color", colour])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("can't start cargo for {name}"))?;
    let output = drain(child.stdout.take());
    let diagnostics = drain(child.stderr.take());

    let mut line = None;
    while child.try_wait()?.is_none() {
        thread::sleep(Duration::from_millis(20));
        if start.elapsed() > QUICK {
            line.get_or_insert_with(|| Line::since(start, name)).tick();
        }
    }
    let status = child.wait()?;
    if let Some(line) = line {
        line.end(status.success());
    }
    stderr().write_all(&diagnostics.join().unwrap_or_default())?;
    if !status.success() {
        bail!("{name} failed");
    }
    Ok(output.join().unwrap_or_default())
}

/// `0.4 s`, `12 s`, `3 min 20 s`
pub(crate) fn seconds(duration: Duration) -> String {
    match duration.as_secs() {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        whole @ 10..120 => format!("{whole} s"),
        whole => format!("{} min {} s", whole / 60, whole % 60),
    }
}

/// The line of a step under way. A terminal shows it grow; a log gets its beginning and its end.
struct Line {
    name: String,
    shown: u64,
    start: Instant,
    terminal: bool,
}

impl Line {
    fn start(name: &str) -> Self {
        Self::since(Instant::now(), name)
    }

    fn since(start: Instant, name: &str) -> Self {
        let terminal = stderr().is_terminal();
        match terminal {
            true => eprint!("  {name} …"),
            false => eprintln!("  {name} …"),
        }
        let _ = stderr().flush();
        Self { name: name.to_owned(), shown: 0, start, terminal }
    }

    fn tick(&mut self) {
        let elapsed = self.start.elapsed();
        if self.terminal && elapsed.as_secs() > self.shown {
            self.shown = elapsed.as_secs();
            eprint!("\r  {} … {}  ", self.name, seconds(elapsed));
            let _ = stderr().flush();
        }
    }

    fn end(self, success: bool) {
        let how = if success { "" } else { "failed after " };
        let took = seconds(self.start.elapsed());
        match self.terminal {
            // The blanks cover what a longer time left there.
            true => eprintln!("\r  {}: {how}{took}  ", self.name),
            false => eprintln!("  {}: {how}{took}", self.name),
        }
    }
}

fn drain(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}
