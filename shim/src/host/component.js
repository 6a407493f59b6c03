/** The component's thread: nothing of the machine is in it but what the main thread answers. */

import { readFileSync } from 'node:fs';

import { instantiate } from 'lifeguard:component';

import { call } from './channel.js';
import { Exit, imports } from './imports.js';

/** @param {string} name */
function core(name) {
    return new WebAssembly.Module(readFileSync(new URL(name, import.meta.url)));
}

/** @returns {number} the exit code */
function run() {
    // Compiled while the main thread reads what the agent has set.
    const main = core('lifeguard.core.wasm');
    const given = /** @type {import('../task/hand-over.js').HandOver} */ (call('begin'));
    const component = instantiate((name) => (name === 'lifeguard.core.wasm' ? main : core(name)), imports(given));
    try {
        component.run.run();
        return 0;
    } catch (error) {
        if (error instanceof Exit) return error.code;
        // What `run` throws where its result is an error without a value
        if (error === undefined) return 1;
        throw error;
    }
}

call('end', run());
