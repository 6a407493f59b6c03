"""Reads the reports of each scenario as those do that they are made for: see ../README.md.

Arguments: the folder of the reports, and promtool, if it is there. One line a report, exit code 1 on any difference.
"""

import json
import math
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

from junitparser import Failure, JUnitXml
from prometheus_client.parser import text_string_to_metric_families

SEVERITIES = ["info", "warning", "error"]


def clean(text: str) -> str:
    """What the reports say instead of text from outside: one line, and no logging command."""
    invisible = "\\u00ad\\u034f\\u061c\\u180b-\\u180f\\u3164\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\U000e0000-\\U000e007f"
    shown = {"\n": "\\n", "\r": "\\r", "\t": " "}
    text = re.sub(
        f"[\\x00-\\x1f\\x7f-\\x9f{invisible}]",
        lambda match: shown.get(match[0], f"\\u{{{ord(match[0]):x}}}"),
        text,
    )
    return re.sub(r"##(?=vso\[|\[)", "##_", text, flags=re.IGNORECASE)


def same(found, expected, what: str) -> None:
    if found != expected:
        raise AssertionError(f"{what}: {found!r}, expected {expected!r}")


def failing(report: dict) -> list[dict]:
    """The findings that are at or over the policy's failOn."""
    least = report["policy"]["failOn"]
    if least == "never":
        return []
    bad = SEVERITIES[SEVERITIES.index(least) :]
    return [finding for finding in report["findings"] if finding["severity"] in bad]


# ── JUnit ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def is_time(text: str | None) -> bool:
    """A number of seconds, as .NET's Double.TryParse and TimeSpan.FromSeconds take it."""
    return text is not None and re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) is not None and math.isfinite(float(text))


def read_junit(folder: Path, report: dict) -> str:
    """By junitparser, and by what Azure Pipelines' agent reads: `JUnitResultReader` takes the suite's name, timestamp
    and time, the case's name, classname and time, the failure's message and text."""
    file = folder / "results.xml"
    raw = file.read_bytes()
    for forbidden in (b"<!DOCTYPE", b"<!ENTITY", b"<![CDATA["):
        if forbidden in raw:
            raise AssertionError(f"{forbidden!r} in it")
    root = ElementTree.fromstring(raw)
    same(root.tag, "testsuites", "the root")
    suites = root.findall("testsuite")
    for suite in suites:
        # With a zone, or in another form, the run would be said to have been at another time, or now.
        datetime.strptime(suite.get("timestamp"), "%Y-%m-%dT%H:%M:%S")
        same(suite.get("timestamp") + "Z", report["takenAt"], "the timestamp")
    for node in [root, *suites]:
        cases = node.findall(".//testcase")
        numbers = {
            "tests": len(cases),
            "failures": sum(case.find("failure") is not None for case in cases),
            "errors": 0,
        }
        for name, number in numbers.items():
            same(node.get(name), str(number), name)
    for node in [*suites, *root.iter("testcase")]:
        if not node.get("name") or not is_time(node.get("time")):
            raise AssertionError(f"no name or time: {node.attrib}")
    named = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    same(len(set(named)), len(named), "the cases that have a name of their own")

    parsed = JUnitXml.fromfile(str(file))
    failures = [
        (case.classname, result.type, result.message, result.text)
        for suite in parsed
        for case in suite
        for result in case.result
        if isinstance(result, Failure)
    ]
    same(sum(1 for suite in parsed for _ in suite), len(named), "the cases that junitparser finds")
    expected = []
    for finding in failing(report):
        message, advice = clean(finding["message"]), clean(finding["advice"])
        text = f"{finding['severity']}: {message}\nhint: {advice}"
        expected.append((finding["rule"], message, text))
    same(sorted(failure[1:] for failure in failures), sorted(expected), "the failures")
    pools = {clean(pool["name"]) for pool in report["pools"] if not pool["isHosted"]}
    missing = pools - {suite.name for suite in parsed}
    same(missing, set(), "pools without a suite")
    for finding in report["findings"]:
        name = finding["rule"]
        agent = finding["subject"].get("agent")
        if agent is not None:
            name += f": {clean(agent)}"
        if not any(case.startswith(name) for _, case in named):
            raise AssertionError(f"no case of {name}")
    return f"{len(suites)} suites, {len(named)} cases, {len(failures)} failures"


# ── Prometheus ────────────────────────────────────────────────────────────────────────────────────────────────────


def read_prometheus(folder: Path, report: dict) -> str:
    text = (folder / "pools.prom").read_text()
    series = {}
    families = list(text_string_to_metric_families(text))
    for family in families:
        if not family.documentation or family.type == "unknown":
            raise AssertionError(f"{family.name} says nothing of itself")
        for sample in family.samples:
            key = (sample.name.removeprefix("pool_lifeguard_"), frozenset(sample.labels.items()))
            if key in series or sample.timestamp is not None:
                raise AssertionError(f"there twice, or with a time: {key}")
            series[key] = sample.value
    names = [family.name for family in families]
    same(len(set(names)), len(names), "families that stand together")

    def value(name: str, **labels: str):
        return series.get((name, frozenset(labels.items())))

    for pool in report["pools"]:
        if pool["isHosted"]:
            continue
        of_pool = {"pool": clean(pool["name"]), "pool_id": str(pool["id"])}
        for state in ("busy", "idle", "offline", "disabled"):
            same(value("pool_agents", **of_pool, state=state), pool[state], f"{of_pool} {state}")
        same(value("pool_queued_jobs", **of_pool), pool["queuedJobs"], f"{of_pool} queued")
        same(value("pool_oldest_wait_seconds", **of_pool), pool["oldestWaitSeconds"] or 0, f"{of_pool} wait")
        bad = any(finding["subject"].get("poolId") == pool["id"] for finding in failing(report))
        same(value("pool_healthy", **of_pool), 0 if bad else 1, f"{of_pool} healthy")
        agents = [
            labels for name, labels in series if name == "agent_info" and ("pool_id", str(pool["id"])) in labels
        ]
        same(len(agents), pool["agents"], f"{of_pool} agents")
    findings = sum(number for (name, _), number in series.items() if name == "findings")
    same(findings, len(report["findings"]), "findings")
    for finding in report["findings"]:
        agent = finding["subject"].get("agent")
        labels = [set(labels) for name, labels in series if name == "agent_info"]
        if agent is not None and not any(("agent", clean(agent)) in one for one in labels):
            raise AssertionError(f"no agent_info of {agent}")
    return f"{len(families)} metrics, {len(series)} series"


def lint(folder: Path, promtool: str) -> str:
    """What Prometheus itself says of it."""
    with (folder / "pools.prom").open("rb") as metrics:
        checked = subprocess.run([promtool, "check", "metrics"], stdin=metrics, capture_output=True, text=True)
    complaints = (checked.stdout + checked.stderr).strip()
    same((checked.returncode, complaints), (0, ""), "promtool check metrics")
    return "no complaint"


def main() -> int:
    folder, *promtool = sys.argv[1:]
    readers = {"junit": read_junit, "prometheus": read_prometheus}
    if promtool:
        readers["promtool"] = lambda scenario, report: lint(scenario, promtool[0])
    failures = 0
    for scenario in sorted(Path(folder).iterdir()):
        report = json.loads((scenario / "report.json").read_text())
        for name, read in readers.items():
            try:
                print(f"ok      {scenario.name}: {name}: {read(scenario, report)}")
            except Exception as error:
                failures += 1
                print(f"FAILED  {scenario.name}: {name}: {type(error).__name__}: {error}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
