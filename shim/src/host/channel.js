/**
 * Synchronous calls from the component's thread to the main thread.
 *
 * It takes the place of preview2-shim's `synckit`, with the threads the other way round: there the component blocks the
 * main thread and a worker does its I/O, so that a worker that doesn't start is waited for without end, nothing can
 * stop a component that hangs, and `process.exit` loses what is still to be printed. Here the component is the worker.
 */

import { MessageChannel, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';

/**
 * @typedef {{ signal: Int32Array, answers: import('node:worker_threads').MessagePort }} Line
 * @typedef {{ result?: unknown, error?: unknown, properties?: object }} Answer
 */

/** What the worker is started with, and what the main thread keeps */
export function openLine() {
    const { port1: answers, port2 } = new MessageChannel();
    const signal = new Int32Array(new SharedArrayBuffer(4));
    return { line: { signal, answers }, workerData: { signal, answers: port2 }, transferList: [port2] };
}

/**
 * Answers a call, on the main thread.
 * @param {Line} line
 * @param {() => unknown} call
 */
export async function answer({ signal, answers }, call) {
    /** @type {Answer} */
    let answer;
    try {
        answer = { result: await call() };
    } catch (error) {
        // An error that crosses threads loses what was added to it.
        answer = { error, properties: typeof error === 'object' ? { ...error } : {} };
    }
    answers.postMessage(answer);
    Atomics.store(signal, 0, 1);
    Atomics.notify(signal, 0);
}

/**
 * Calls the main thread, on the component's.
 * @param {string} name
 * @param {unknown[]} parameters
 */
export function call(name, ...parameters) {
    const { signal, answers } = /** @type {Line} */ (workerData);
    Atomics.store(signal, 0, 0);
    parentPort?.postMessage([name, ...parameters]);
    // The answer before this one may be notified of only now.
    while (Atomics.load(signal, 0) === 0) Atomics.wait(signal, 0, 0);
    const { result, error, properties } = /** @type {Answer} */ (receiveMessageOnPort(answers)?.message);
    if (error !== undefined) throw error instanceof Error ? Object.assign(error, properties) : error;
    return result;
}

/** In preview2-shim's `io/worker-io.js`, the component's half */
export function createSyncFn() {
    /** @param {unknown[]} parameters */
    return (...parameters) => call('io', ...parameters);
}

/** @typedef {(call: number, id: number | null, payload: unknown) => unknown} InputOutput */
/** @type {InputOutput} */
export let inputOutput;

/** In preview2-shim's `io/worker-thread.js`, the half that does the I/O. @param {InputOutput} handle */
export function runAsWorker(handle) {
    inputOutput = handle;
}
