/** tinyproxy, a real proxy that asks for a user and a password; Debian's package. */

import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const USER = 'builder';
export const PASSWORD = 'proxy-pass-7c1d';

/** Whether there is a tinyproxy, which is installed where that can be done */
function installed() {
    const isThere = () => spawnSync('tinyproxy', ['-v']).status === 0;
    if (isThere()) return true;
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
    const apt = (/** @type {string[]} */ ...words) => spawnSync('apt-get', words, { stdio: 'ignore' });
    const install = () => apt('install', '--yes', '--no-install-recommends', 'tinyproxy');
    install();
    if (isThere()) return true;
    // A new machine has no list of packages yet, and an old one lists what is gone.
    apt('update');
    install();
    return isThere();
}

/**
 * Starts the proxy; skips the test where there is none, but not in CI.
 * @param {import('node:test').TestContext} context
 * @param {string} folder
 * @returns {Promise<{ url: string, log: () => string } | undefined>}
 */
export async function startProxy(context, folder) {
    if (!installed()) {
        const problem = 'tinyproxy is not installed: nothing shows that the task gets through a proxy';
        if (process.env.CI === 'true') throw new Error(problem);
        console.error(`SKIPPED: ${problem}`);
        context.skip(problem);
        return undefined;
    }
    const port = await freePort();
    const [configuration, log] = [path.join(folder, 'tinyproxy.conf'), path.join(folder, 'tinyproxy.log')];
    writeFileSync(log, '');
    writeFileSync(
        configuration,
        [
            `Port ${port}`,
            'Listen 127.0.0.1',
            'Allow 127.0.0.1',
            `LogFile "${log}"`,
            'LogLevel Connect',
            `BasicAuth ${USER} ${PASSWORD}`,
        ].join('\n'),
    );
    const child = spawn('tinyproxy', ['-d', '-c', configuration], { stdio: 'ignore' });
    context.after(() => void child.kill());
    while (!(await answers(port))) await sleep(20);
    return { url: `http://127.0.0.1:${port}`, log: () => readFileSync(log, 'utf8') };
}

/** @returns {Promise<number>} */
export function freePort() {
    return new Promise((resolve) => {
        const server = net.createServer().listen(0, '127.0.0.1', () => {
            const { port } = /** @type {net.AddressInfo} */ (server.address());
            server.close(() => resolve(port));
        });
    });
}

/** @param {number} port */
function answers(port) {
    return new Promise((resolve) => {
        const socket = net.connect(port, '127.0.0.1');
        socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
        socket.once('connect', () => socket.destroy());
    });
}
