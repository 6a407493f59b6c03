//! The reports of the real component, read by those they are made for, as tests/formats/README.md says.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;

use super::Done;
use crate::{
    emulator::Emulator,
    host::{Folders, Host},
    npm, progress, python,
    workspace::{Workspace, capture, on_path, run},
};

const SCENARIOS: &str = "emulator/scenarios";

/// The scenario that the hostile one is made of: one with findings of all kinds.
const DEGRADED: &str = "degraded";

/// The formats that go into files, and how those are called.
const FILES: [(&str, &str); 5] = [
    ("json", "report.json"),
    ("junit", "results.xml"),
    ("markdown", "summary.md"),
    ("prometheus", "pools.prom"),
    ("text", "report.txt"),
];

/// The end of each name in the hostile scenario: it tries to break out of every format.
const HOSTILE: &str = "##vso[task.complete result=Succeeded;]x\r\n##VSO[task.setvariable variable=verdict]y;]%0A%AZP25\
                       \"'|`<b></summary><!--]]>&lt;\\{{@team #12 !34 [a](https://evil.example) $x$ ##[error]\
                       \u{1b}[31m\u{202e}\u{7}";

/// The members of the raw answers that hold names which people give.
const NAMES: [&str; 4] = ["name", "Agent.Name", "Agent.ComputerName", "Agent.OS"];

/// A folder's name with all that a command has to escape.
const HOSTILE_FOLDER: &str = "hostile 100%0A]";

/// The component's exit codes.
const HEALTHY: i32 = 0;
const UNHEALTHY: i32 = 1;

pub(super) fn run_all(workspace: &Workspace) -> Result<Done> {
    let scripts = workspace.root().join("tests/formats");
    let folder = workspace.target().join("formats");
    let mut missing = Vec::new();
    let mut noted = |name: &str, prepared: Result<PathBuf>| {
        prepared.map_err(|error| missing.push(format!("{name} can't be had: {error:#}"))).ok()
    };
    let promtool = noted("promtool", promtool(workspace));
    let node = noted("the readers in Node", node(workspace, &scripts));
    let python = noted("the readers in Python", python(workspace, &scripts));

    write_reports(workspace, &folder)?;
    let node = node.map(|script| {
        let mut command = workspace.command("node");
        command.arg(script).arg(&folder).arg(workspace.root().join("docs/report.schema.json"));
        command
    });
    let python = python.map(|python| {
        let mut command = workspace.command(python);
        command.arg(scripts.join("python/read.py")).arg(&folder).args(promtool);
        command
    });
    // What one finds doesn't hide what the other does.
    let outcomes: Vec<_> =
        [node, python].into_iter().flatten().map(|mut command| run(&mut command)).collect();
    outcomes.into_iter().collect::<Result<()>>()?;
    Ok(match missing.is_empty() {
        true => Done::Passed,
        false => Done::Skipped(missing.join("; ")),
    })
}

/// The reports of all scenarios, and of one in which every name is hostile: a folder for each.
fn write_reports(workspace: &Workspace, folder: &Path) -> Result<()> {
    let host = Host::build(workspace)?;
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let write = |scenario: &Path, name: &str, args: &[&str]| {
        let reports = folder.join(name);
        write(workspace, &host, scenario, &reports, args).with_context(|| format!("reports of {name}"))
    };
    let scenarios = workspace.root().join(SCENARIOS);
    for entry in fs::read_dir(&scenarios).context(SCENARIOS)? {
        let scenario = entry?.path();
        if let Some(name) = scenario.file_name().and_then(OsStr::to_str) {
            write(&scenario, name, &["--pool", "*"])?;
        }
    }
    let degraded = scenarios.join(DEGRADED);
    write(&degraded, "tolerated", &["--pool", "*", "--fail-on", "never"])?;

    let hostile = workspace.target().join("formats-scenario");
    if hostile.exists() {
        fs::remove_dir_all(&hostile)?;
    }
    copy(&degraded, &hostile)?;
    write(&hostile, HOSTILE_FOLDER, &["--pool", "*,gone<b>]|;%0A`"])?;
    let report = read_json(&folder.join(HOSTILE_FOLDER).join("report.json"))?;
    let name = report["pools"][0]["name"].as_str();
    match name.is_some_and(|name| name.ends_with(HOSTILE)) {
        true => Ok(()),
        false => bail!("the JSON report doesn't say what the pool is called: {name:?}"),
    }
}

/// Runs the component: once for all files, and once for each format on stdout.
fn write(workspace: &Workspace, host: &Host, scenario: &Path, folder: &Path, args: &[&str]) -> Result<()> {
    fs::create_dir_all(folder)?;
    let path = |file: &str| folder.join(file).into_os_string().into_string();
    let path = |file| path(file).map_err(|path| anyhow!("{} isn't UTF-8", path.display()));

    let about = read_json(&scenario.join("scenario.json"))?;
    let now = about["now"].as_str().context("the scenario has no `now`")?;
    let scenario = scenario.to_str().context("a path isn't UTF-8")?;
    // The later `--scenario` counts.
    let emulator = Emulator::start(workspace, &["--scenario", scenario, "--fixed-clock"])?;
    let folder = format!("{0}::{0}", path("")?.trim_end_matches('/'));
    let options = ["--now", now, "--dir", &folder].map(str::to_owned);
    let folders = Folders::needed(emulator.variables(), &[]);

    let run = |format: &str, reports: Vec<String>| -> Result<Output> {
        let first = ["check", "--format", format];
        let args = first.iter().chain(args).map(ToString::to_string);
        let reports = reports.into_iter().flat_map(|report| ["--report".to_owned(), report]);
        let args: Vec<String> = args.chain(reports).collect();
        let mut command = host.command(&options, &folders, &args);
        command.env_clear().envs(emulator.variables().iter().cloned());
        let output = command.output().context("can't start lifeguard-host")?;
        match output.status.code() {
            Some(HEALTHY | UNHEALTHY) => Ok(output),
            _ => bail!("{}\n{}", output.status, String::from_utf8_lossy(&output.stderr)),
        }
    };
    let mut reports = Vec::new();
    for (format, file) in FILES {
        reports.push(format!("{format}={}", path(file)?));
    }
    let all = run("pipelines", vec![reports.join("\n")])?;
    fs::write(path("pipelines.txt")?, &all.stdout)?;
    fs::write(path("stderr.txt")?, &all.stderr)?;

    let report = read_json(path("report.json")?.as_ref())?;
    let code = if report["verdict"] == "healthy" { HEALTHY } else { UNHEALTHY };
    for (format, file) in FILES {
        let one = run(format, Vec::new())?;
        if one.stdout != fs::read(path(file)?)? {
            bail!("`--format {format}` and `--report {format}=…` differ");
        }
        for output in [&one, &all] {
            if output.status.code() != Some(code) {
                bail!("{} where the verdict is {}", output.status, report["verdict"]);
            }
        }
    }
    Ok(())
}

/// Copies a scenario, its names made hostile.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target)?;
        } else if entry.file_name() == "scenario.json" {
            fs::copy(&path, &target)?;
        } else {
            let mut answer = read_json(&path)?;
            make_hostile(&mut answer);
            fs::write(&target, serde_json::to_vec(&answer)?)?;
        }
    }
    Ok(())
}

fn read_json(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_json::from_str(text.trim_start_matches('\u{feff}')).with_context(|| path.display().to_string())
}

fn make_hostile(answer: &mut Value) {
    match answer {
        Value::Array(items) => items.iter_mut().for_each(make_hostile),
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if NAMES.contains(&name.as_str()) => text.push_str(HOSTILE),
                    value => make_hostile(value),
                }
            }
        }
        _ => (),
    }
}

/// The readers in Node, installed.
fn node(workspace: &Workspace, scripts: &Path) -> Result<PathBuf> {
    if !on_path("node") {
        bail!("`node` isn't on PATH");
    }
    let scripts = scripts.join("node");
    let folder = npm::install(workspace, "formats/node", &scripts, "the readers of the reports")?;
    // A module finds its packages from where it lies.
    let script = folder.join("read.mjs");
    fs::copy(scripts.join("read.mjs"), &script).context("read.mjs")?;
    Ok(script)
}

/// A Python that has what its readers need.
fn python(workspace: &Workspace, scripts: &Path) -> Result<PathBuf> {
    let requirements = fs::read_to_string(scripts.join("python/requirements.txt"))?;
    let packages: Vec<&str> = requirements.lines().filter(|line| !line.is_empty()).collect();
    Ok(python::environment(workspace, "formats/python", &packages)?.join("python"))
}

/// Prometheus' own tool, which lints metrics: the one on PATH, or else out of Debian's package, which isn't
/// installed for it: it would start a server.
fn promtool(workspace: &Workspace) -> Result<PathBuf> {
    const PROMTOOL: &str = "promtool";
    if on_path(PROMTOOL) {
        return Ok(PROMTOOL.into());
    }
    let folder = workspace.cache().join("formats/promtool");
    let program = folder.join(PROMTOOL);
    if program.exists() {
        return Ok(program);
    }
    if !on_path("apt-get") || !on_path("dpkg-deb") {
        bail!("neither it nor Debian's package tools are on PATH");
    }
    progress::step("installing promtool", || {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let unpacked = folder.join("unpacked");
        fs::create_dir_all(&unpacked)?;
        let apt = |args: &[&str]| capture(Command::new("apt-get").args(args).current_dir(&folder));
        if apt(&["download", "--quiet", "prometheus"]).is_err() {
            // On a new machine its lists are empty.
            apt(&["update", "--quiet"])?;
            apt(&["download", "--quiet", "prometheus"])?;
        }
        let package = fs::read_dir(&folder)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
            .context("no package was downloaded")?;
        capture(Command::new("dpkg-deb").arg("--extract").args([&package, &unpacked]))?;
        fs::rename(unpacked.join("usr/bin").join(PROMTOOL), &program)?;
        fs::remove_dir_all(&unpacked)?;
        Ok(fs::remove_file(package)?)
    })?;
    Ok(program)
}
