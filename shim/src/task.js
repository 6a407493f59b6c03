/** The task: hands over to the component what the agent has set, and its result back to the agent. */

import { readFileSync } from 'node:fs';
import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';
import { Writable } from 'node:stream';

import '../node_modules/@bytecodealliance/preview2-shim/dist/io/worker-thread.js';

import { inputOutput } from './host/channel.js';
import { Client } from './http/client.js';
import { sendBy } from './http/outgoing.js';
import { Printer } from './printer.js';
import { handOver } from './task/hand-over.js';
import { thisMachine } from './task/machine.js';
import { networkSecrets, proxyFor, tlsOptions } from './task/network.js';

const SILENCE = new Writable({ write: (_chunk, _encoding, done) => done() });

const task = await loadTaskLib();
const printer = new Printer(process);

/**
 * task-lib prints each value that it reads, also when it is loaded, which must not be before it is masked. So it prints
 * only what is said `aloud`.
 */
async function loadTaskLib() {
    const { default: internal } = await import('azure-pipelines-task-lib/internal.js');
    internal._setStdStream(SILENCE);
    return (await import('azure-pipelines-task-lib/task.js')).default;
}

/** @param {(task: typeof import('azure-pipelines-task-lib/task.js')) => void} say */
function aloud(say) {
    task.setStdStream(process.stdout);
    say(task);
    task.setStdStream(SILENCE);
}

/**
 * Runs the component as a task.
 * @param {import('./host/thread.js').Component} component
 */
export async function run(component) {
    process.on('uncaughtException', (error) => {
        fail(error);
        void leave();
    });
    await handAndRun(component).catch(fail);
    await leave();
}

/** @param {unknown} error */
function fail(error) {
    const message = error instanceof Error ? error.message : String(error);
    aloud(({ TaskResult, setResult }) => setResult(TaskResult.Failed, message));
}

/** Leaves when all is printed, and with 0: the agent takes any other code for a fault of its own. */
async function leave() {
    // A reader that doesn't read must not keep a step that is over.
    setTimeout(() => process.exit(0), 10_000).unref();
    await printer.drained();
    process.exit(0);
}

/** @param {import('./host/thread.js').Component} component */
async function handAndRun(component) {
    const manifest = JSON.parse(readFileSync(new URL('task.json', import.meta.url), 'utf8'));
    const given = handOver(task, manifest, thisMachine());
    const secrets = [...given.secrets, ...networkSecrets(task)];
    aloud(({ setSecret }) => secrets.forEach(setSecret));

    // A far host takes longer to be reached than the 250 ms that Node gives each of its addresses.
    setDefaultAutoSelectFamilyAttemptTimeout(1000);
    const client = new Client({
        hosts: given.hosts,
        proxy: (url) => proxyFor(task, url),
        tls: tlsOptions(task, process.env),
        debug: (text) => aloud(({ debug }) => debug(text)),
    });
    sendBy(client);
    const print = printer.print.bind(printer);
    const code = await component.run(given, { inputOutput, print });
    client.close();
    // With 1 or more it isn't well, and has said so itself where it prints for a pipeline.
    if (code !== 0 && !printer.hasCompleted) fail('');
}
