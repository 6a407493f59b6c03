/** The environment that Azure Pipelines' agent gives a task (azure-pipelines-agent, Handler.cs), and a run of it. */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { mkdir, rm } from 'node:fs/promises';

import commands from 'azure-pipelines-task-lib/taskcommand.js';

import { built } from './built.js';

export const CONNECTION = '9b974d16-bf71-47c3-a8fa-fece6e88bb1c';
export const JOB_TOKEN = 'demo-job-access-token-e08b6d1c';

/**
 * @typedef {object} Job
 * @property {Record<string, string>} [inputs]
 * @property {{ scheme: string, parameters: Record<string, string>, data?: Record<string, string> }} [connection]
 * @property {Record<string, string>} [variables] public ones, by their names in the pipeline
 * @property {Record<string, string>} [secrets] secret ones, likewise
 * @property {Record<string, string>} [machine] what is in the agent's own environment, or in the step's `env:`
 */

/** @param {string} name */
const variable = (name) => name.replace(/[. ]/g, '_').toUpperCase();

/** @param {string} folder the job's working directory @param {Job} job */
export function environment(folder, { inputs = {}, connection, variables = {}, secrets = {}, machine = {} }) {
    const manifest = JSON.parse(readFileSync(new URL('../../../task.json', import.meta.url), 'utf8'));
    const temporary = path.join(folder, '_temp');
    const all = {
        'System.DefaultWorkingDirectory': folder,
        'Agent.TempDirectory': temporary,
        ...variables,
    };
    /** @type {Record<string, string>} */
    const environment = {
        PATH: process.env.PATH ?? '',
        HOME: folder,
        VSTS_PUBLIC_VARIABLES: JSON.stringify(Object.keys(all)),
        VSTS_SECRET_VARIABLES: JSON.stringify(Object.keys(secrets)),
        ENDPOINT_URL_SYSTEMVSSCONNECTION: 'https://dev.azure.com/contoso/',
        ENDPOINT_AUTH_SYSTEMVSSCONNECTION: JSON.stringify({ parameters: { AccessToken: JOB_TOKEN }, scheme: 'OAuth' }),
        ENDPOINT_AUTH_SCHEME_SYSTEMVSSCONNECTION: 'OAuth',
        ENDPOINT_AUTH_PARAMETER_SYSTEMVSSCONNECTION_ACCESSTOKEN: JOB_TOKEN,
        VSTS_TASKVARIABLE_OTHER: 'of-another-step',
        ...machine,
    };
    for (const [name, value] of Object.entries(all)) environment[variable(name)] = value;
    for (const [name, value] of Object.entries(secrets)) environment[`SECRET_${variable(name)}`] = value;
    for (const { name, type, defaultValue } of manifest.inputs) {
        // Defaults are given as if they had been chosen, and a path that wasn't is the working directory.
        const unset = type === 'filePath' ? folder : String(defaultValue ?? '');
        const value = inputs[name] ?? unset;
        environment[`INPUT_${variable(name)}`] = type === 'filePath' ? path.resolve(folder, value) : value;
    }
    if (connection) {
        const { scheme, parameters, data = {} } = connection;
        environment[`ENDPOINT_URL_${CONNECTION}`] = 'https://management.azure.com/';
        environment[`ENDPOINT_AUTH_${CONNECTION}`] = JSON.stringify({ parameters, scheme });
        environment[`ENDPOINT_AUTH_SCHEME_${CONNECTION}`] = scheme;
        for (const [name, value] of Object.entries(parameters)) {
            environment[`ENDPOINT_AUTH_PARAMETER_${CONNECTION}_${variable(name)}`] = value;
        }
        environment[`ENDPOINT_DATA_${CONNECTION}`] = JSON.stringify(data);
        for (const [name, value] of Object.entries(data)) {
            environment[`ENDPOINT_DATA_${CONNECTION}_${variable(name)}`] = value;
        }
    }
    return environment;
}

/** A folder for a job, with the agent's `_temp` in it */
export async function jobFolder() {
    const folder = mkdtempSync(path.join(tmpdir(), 'lifeguard-task-'));
    await mkdir(path.join(folder, '_temp'));
    after(() => rm(folder, { recursive: true, force: true }));
    return folder;
}

/**
 * @typedef {object} Run
 * @property {string} output stdout and stderr, which the agent reads alike
 * @property {number | null} code
 * @property {number} milliseconds
 * @property {string | undefined} result of the last `task.complete`
 * @property {{ name: string, properties: Record<string, string>, message: string }[]} commands
 * @property {string} folder
 */

/**
 * @param {Job} job
 * @param {{ task?: string, folder?: string, read?: (stream: NodeJS.ReadableStream) => Promise<string>, node?: string[] }} [how]
 * @returns {Promise<Run>}
 */
export async function run(job, { task, folder, read = whole, node = [] } = {}) {
    const place = folder ?? (await jobFolder());
    const start = performance.now();
    const main = path.join(task ?? (await built()), 'main.mjs');
    const child = spawn(process.execPath, [...node, main], {
        cwd: place,
        env: environment(place, job),
        stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    const killer = setTimeout(() => child.kill('SIGKILL'), 60_000);
    const [code, stdout, stderr] = await Promise.all([ended, read(child.stdout), whole(child.stderr)]);
    clearTimeout(killer);
    const output = stderr + stdout;
    const found = output
        .split('\n')
        .filter((line) => line.startsWith('##vso['))
        .map((line) => commands.commandFromString(line.trimEnd()))
        .map(({ command, properties, message }) => ({ name: command, properties, message }));
    return {
        output,
        code,
        milliseconds: performance.now() - start,
        result: found.findLast(({ name }) => name === 'task.complete')?.properties.result,
        commands: found,
        folder: place,
    };
}

/** @param {NodeJS.ReadableStream} stream */
async function whole(stream) {
    let text = '';
    stream.setEncoding('utf8');
    for await (const part of stream) text += part;
    return text;
}

/**
 * Whether a secret is in the output before it is masked, or in anything but `task.setsecret` and a secret variable:
 * the agent replaces it there.
 * @param {Run} run
 * @param {string} secret
 */
export function shows({ output }, secret) {
    const lines = output.split('\n');
    const masked = lines.findIndex((line) => line.startsWith('##vso[task.setsecret]') && line.includes(secret));
    return lines.some((line, place) => line.includes(secret) && (masked === -1 || place !== masked));
}
