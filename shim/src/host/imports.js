/** What the component imports: preview2-shim's WASI, without what it doesn't need. */

import * as cli from '../../node_modules/@bytecodealliance/preview2-shim/dist/nodejs/cli.js';
import * as clocks from '../../node_modules/@bytecodealliance/preview2-shim/dist/nodejs/clocks.js';
import * as http from '../../node_modules/@bytecodealliance/preview2-shim/dist/nodejs/http.js';
import * as io from '../../node_modules/@bytecodealliance/preview2-shim/dist/nodejs/io.js';
import * as random from '../../node_modules/@bytecodealliance/preview2-shim/dist/nodejs/random.js';

import { errorCode } from '../http/errors.js';
import { call } from './channel.js';
import { filesystem } from './filesystem.js';

/** The component ended, with a code. */
export class Exit extends Error {
    /** @param {number} code */
    constructor(code) {
        super(`exit code ${code}`);
        this.code = code;
    }
}

/** stdout or stderr: a write returns when its bytes are with the operating system, so none is lost at the end. */
class Printed extends io.streams.OutputStream {
    #stream;

    /** @param {'stdout' | 'stderr'} stream */
    constructor(stream) {
        super();
        this.#stream = stream;
    }
    checkWrite() {
        return 65536n;
    }
    /** @param {Uint8Array} bytes */
    write(bytes) {
        call('print', this.#stream, bytes);
    }
    /** @param {Uint8Array} bytes */
    blockingWriteAndFlush(bytes) {
        this.write(bytes);
    }
    flush() {}
    blockingFlush() {}
    subscribe() {
        return /** @type {any} */ (clocks.monotonicClock.subscribeDuration(0n));
    }
}

/** stdin, which is empty */
class Nothing extends io.streams.InputStream {
    read() {
        throw { tag: 'closed' };
    }
    blockingRead() {
        return this.read();
    }
    subscribe() {
        return /** @type {any} */ (clocks.monotonicClock.subscribeDuration(0n));
    }
}

/** @param {import('../task/hand-over.js').HandOver} given */
export function imports({ environment, folders }) {
    const [stdin, stdout, stderr] = [new Nothing(), new Printed('stdout'), new Printed('stderr')];
    const { types, preopens } = filesystem(folders);
    return {
        'wasi:cli/environment': {
            getEnvironment: () => Object.entries(environment),
            getArguments: () => ['lifeguard'],
            initialCwd: () => undefined,
        },
        'wasi:cli/exit': {
            /** @param {{ tag: 'ok' | 'err' }} status */
            exit({ tag }) {
                throw new Exit(tag === 'ok' ? 0 : 1);
            },
            /** @param {number} code */
            exitWithCode(code) {
                throw new Exit(code);
            },
        },
        'wasi:cli/stdin': { getStdin: () => stdin },
        'wasi:cli/stdout': { getStdout: () => stdout },
        'wasi:cli/stderr': { getStderr: () => stderr },
        'wasi:cli/terminal-input': cli.terminalInput,
        'wasi:cli/terminal-output': cli.terminalOutput,
        'wasi:cli/terminal-stdin': { getTerminalStdin: () => undefined },
        'wasi:cli/terminal-stdout': { getTerminalStdout: () => undefined },
        'wasi:cli/terminal-stderr': { getTerminalStderr: () => undefined },
        'wasi:clocks/monotonic-clock': clocks.monotonicClock,
        'wasi:clocks/wall-clock': clocks.wallClock,
        'wasi:filesystem/preopens': preopens,
        'wasi:filesystem/types': types,
        'wasi:http/outgoing-handler': http.outgoingHandler,
        'wasi:http/types': {
            ...http.types,
            /** What ended a body. @param {{ payload?: { code?: string } }} error */
            httpErrorCode: ({ payload }) => errorCode(payload ?? {}),
        },
        'wasi:io/error': io.error,
        'wasi:io/poll': io.poll,
        'wasi:io/streams': io.streams,
        'wasi:random/random': random.random,
    };
}
