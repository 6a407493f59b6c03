/** What the component prints */

/** The logging command by which it tells the agent its result */
const COMPLETE = '##vso[task.complete ';

export class Printer {
    #process;
    #tail = '';
    /** Whether the result was told */
    hasCompleted = false;

    /** @param {Pick<NodeJS.Process, 'stdout' | 'stderr'>} process */
    constructor(process) {
        this.#process = process;
        // A reader that has gone away is no reason to fail: what is asked for may be done all the same.
        for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
    }

    /**
     * Ends when the bytes are with the operating system.
     * @param {'stdout' | 'stderr'} stream
     * @param {Uint8Array} bytes
     * @returns {Promise<void>}
     */
    print(stream, bytes) {
        if (stream === 'stdout') this.#look(bytes);
        return new Promise((resolve) => this.#process[stream].write(bytes, () => resolve()));
    }

    /** @returns {Promise<unknown>} */
    drained() {
        const nothing = new Uint8Array();
        return Promise.all([this.print('stdout', nothing), this.print('stderr', nothing)]);
    }

    /** @param {Uint8Array} bytes */
    #look(bytes) {
        const text = this.#tail + Buffer.from(bytes).toString('latin1');
        this.hasCompleted ||= text.includes(COMPLETE);
        this.#tail = text.slice(-COMPLETE.length);
    }
}
