/** The component in a thread of its own; this one does its I/O and watches the clock. */

import { Worker } from 'node:worker_threads';

import { answer, openLine } from './channel.js';

/**
 * @typedef {import('../task/hand-over.js').HandOver} HandOver
 *
 * @typedef {object} Host
 * @property {import('./channel.js').InputOutput} inputOutput
 * @property {(stream: 'stdout' | 'stderr', bytes: Uint8Array) => Promise<void>} print
 */

/** The component, which is loaded but waits to be given something */
export class Component {
    #line;
    #worker;
    /** @type {(code: number) => void} */
    #ended = () => {};
    /** @type {(given: Pick<HandOver, 'environment' | 'folders'>) => void} */
    #begin = () => {};
    #given = new Promise((resolve) => (this.#begin = resolve));
    /** @type {Host | undefined} */
    #host;
    /** @type {Promise<number>} */
    #code;

    constructor() {
        const { line, workerData, transferList } = openLine();
        this.#line = line;
        this.#worker = new Worker(new URL('component.mjs', import.meta.url), {
            workerData,
            transferList,
            env: {},
            execArgv: [],
        });
        this.#worker.on('message', (message) => this.#serve(message));
        this.#code = new Promise((resolve, reject) => {
            this.#ended = resolve;
            this.#worker.once('error', reject);
            this.#worker.once('exit', () => reject(new Error('the component ended without a result')));
        });
        // It may end before anybody waits for it.
        this.#code.catch(() => {});
    }

    /**
     * @param {HandOver} given
     * @param {Host} host
     * @returns {Promise<number>} the exit code
     */
    async run({ environment, folders, bound }, host) {
        this.#host = host;
        this.#begin({ environment, folders });
        /** @type {NodeJS.Timeout | undefined} */
        let timer;
        const late = new Promise((_, reject) => {
            const error = new Error(`the component hasn't ended within ${Math.ceil(bound / 1000)} seconds`);
            timer = setTimeout(() => reject(error), bound);
        });
        try {
            return await Promise.race([this.#code, /** @type {Promise<never>} */ (late)]);
        } finally {
            clearTimeout(timer);
            await this.#worker.terminate();
        }
    }

    /** @param {[string, ...any[]]} message */
    #serve([name, ...parameters]) {
        void answer(this.#line, () => {
            switch (name) {
                case 'io':
                    return this.#host?.inputOutput(parameters[0], parameters[1], parameters[2]);
                case 'print':
                    return this.#host?.print(parameters[0], parameters[1]);
                case 'begin':
                    return this.#given;
                default:
                    return this.#ended(parameters[0]);
            }
        });
    }
}
