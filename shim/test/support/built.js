/** The built task: the one that LIFEGUARD_TASK names, else one that is made for this file of tests. */

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** @type {Promise<string> | undefined} */
let folder;

/** @returns {Promise<string>} its folder */
export function built() {
    return (folder ??= build());
}

async function build() {
    if (process.env.LIFEGUARD_TASK) return path.resolve(process.env.LIFEGUARD_TASK);
    const folder = mkdtempSync(path.join(tmpdir(), 'lifeguard-built-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    await promisify(execFile)(process.execPath, [fileURLToPath(new URL('../../build.mjs', import.meta.url)), folder]);
    return folder;
}
