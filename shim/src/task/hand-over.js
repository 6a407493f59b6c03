/** What the component is given: a function of the task's inputs, the chosen connection and the allow-list. */

import * as contract from './contract.js';
import { Folders } from './folders.js';
import { allowedHosts } from './hosts.js';
import { bound } from './bound.js';

/**
 * What of azure-pipelines-task-lib is used
 * @typedef {Pick<typeof import('azure-pipelines-task-lib/task.js'), 'getInput' | 'filePathSupplied' |
 *     'getEndpointAuthorizationScheme' | 'getEndpointAuthorizationParameter' | 'getEndpointDataParameter'>} TaskLib
 *
 * @typedef {{ name: string, type: string, defaultValue?: string | boolean }} Input
 * @typedef {{ inputs: Input[] }} Manifest task.json
 *
 * @typedef {object} Machine
 * @property {Record<string, string | undefined>} environment
 * @property {NodeJS.Platform} platform
 * @property {string} folder relative paths start here
 * @property {(path: string) => boolean} exists
 * @property {(path: string) => string} follow where a link leads that goes out of its folder; any other path as it is
 *
 * @typedef {object} HandOver
 * @property {Record<string, string>} environment
 * @property {import('./folders.js').Folder[]} folders
 * @property {string[]} hosts as `host:port`
 * @property {string[]} secrets to be masked before anything is printed
 * @property {number} bound how many milliseconds it may take
 */

/** The job's own connection */
const JOB = 'SYSTEMVSSCONNECTION';

/**
 * @param {TaskLib} task
 * @param {Manifest} manifest
 * @param {Machine} machine
 * @returns {HandOver}
 */
export function handOver(task, manifest, machine) {
    const folders = new Folders(machine);
    /** @type {Record<string, string>} */
    const environment = {};
    /** @param {string} name @param {string | undefined} value */
    const give = (name, value) => {
        if (value) environment[name] = value;
    };

    for (const name of contract.VARIABLES) {
        const value = machine.environment[name];
        const isFile = value && contract.FILE_VARIABLES.includes(name);
        give(name, isFile ? folders.read(value) : value);
    }
    const token = task.getEndpointAuthorizationParameter(JOB, 'AccessToken', true);
    give('SYSTEM_ACCESSTOKEN', token || machine.environment.SYSTEM_ACCESSTOKEN);

    for (const input of manifest.inputs) give(variable(input.name), inputValue(task, input, folders));
    environment[variable('format')] ??= 'pipelines';

    for (const { name, type } of manifest.inputs) {
        const kind = contract.CONNECTION_TYPES[type];
        const id = kind && task.getInput(name);
        if (!id) continue;
        give('CONNECTION_ID', id);
        give('CONNECTION_TYPE', kind);
        give('CONNECTION_SCHEME', task.getEndpointAuthorizationScheme(id, true));
        for (const [name, key] of Object.entries(contract.CONNECTION_PARAMETERS)) {
            give(name, task.getEndpointAuthorizationParameter(id, key, true));
        }
        for (const [name, key] of Object.entries(contract.CONNECTION_DATA)) {
            give(name, task.getEndpointDataParameter(id, key, true));
        }
        break;
    }
    folders.ofMachine();
    give(contract.TEMPORARY.variable, folders.temporary(machine.environment[contract.TEMPORARY.variable]));

    return {
        environment,
        folders: folders.all(),
        hosts: allowedHosts(environment, manifest),
        secrets: contract.SECRETS.flatMap((name) => maskable(environment[name] ?? '')),
        bound: bound(environment, manifest),
    };
}

/** @param {string} input */
export function variable(input) {
    return `INPUT_${input.replace(/[ .]/g, '_').toUpperCase()}`;
}

/**
 * @param {TaskLib} task
 * @param {Input} input
 * @param {Folders} folders
 */
function inputValue(task, { name, type }, folders) {
    const value = task.getInput(name);
    if (!value) return undefined;
    if (type === 'filePath') {
        // The agent gives the working directory where nothing is set.
        if (!task.filePathSupplied(name)) return undefined;
        return contract.WRITTEN_FILES.includes(name) ? folders.write(value) : folders.read(value);
    }
    if (name !== contract.REPORTS) return value;
    const entries = value.split(/[,\n]/).map((entry) => {
        const [, format, file] = /^([^=]*=)\s*(\S.*)$/.exec(entry.trim()) ?? [];
        return file ? `${format}${folders.write(file)}` : entry;
    });
    return entries.join('\n');
}

/**
 * The agent masks single lines. Of a certificate, what stands in every one isn't secret, and a few letters at its end
 * would be masked everywhere.
 * @param {string} secret
 */
function maskable(secret) {
    const lines = secret.split(/[\r\n]+/).map((line) => line.trim());
    return lines.filter((line) => line && (lines.length === 1 || (line.length >= 8 && !line.startsWith('-----'))));
}
