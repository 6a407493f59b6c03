/** The repository's emulator of Azure DevOps and Entra ID, in a process of its own. */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
export const demo = path.join(root, 'emulator/scenarios/demo');

/**
 * @typedef {object} Emulator
 * @property {Record<string, Record<string, string>>} environments the scenario's, by name
 * @property {string} organization
 * @property {string} authority
 * @property {string} ca the file of its certificate authority, with `--tls`
 */

/**
 * @param {{ tls?: boolean, scenario?: string }} [options]
 * @returns {Promise<Emulator>}
 */
export async function startEmulator({ tls = false, scenario = demo } = {}) {
    const program = path.join(root, 'target/debug', process.platform === 'win32' ? 'lifeguard-emulator.exe' : 'lifeguard-emulator');
    const parameters = ['--scenario', scenario, '--environments', ...(tls ? ['--tls'] : [])];
    const child = existsSync(program)
        ? spawn(program, parameters)
        : spawn('cargo', ['run', '--quiet', '--package', 'lifeguard-emulator', '--', ...parameters], { cwd: root });
    process.on('exit', () => void child.kill());
    child.unref();
    /** @type {Record<string, string>} */
    const exported = {};
    let complaints = '';
    child.stderr.on('data', (text) => (complaints += text));
    const lines = createInterface({ input: child.stdout });
    await new Promise((resolve) => {
        child.once('exit', resolve);
        lines.on('line', (line) => {
            const [, name, value] = /^export (\w+)='(.*)'$/.exec(line) ?? [];
            if (name) exported[name] = value;
            if (line.includes('is listening')) resolve(undefined);
        });
    });
    // It must not keep the tests from ending.
    for (const stream of [child.stdout, child.stderr]) /** @type {import('node:net').Socket} */ (stream).unref();
    if (!exported.AZP_URL) throw new Error(`the emulator didn't start: ${complaints}`);
    return {
        environments: JSON.parse(exported.LIFEGUARD_ENVIRONMENTS),
        organization: exported.AZP_URL,
        authority: exported.AZURE_AUTHORITY_HOST,
        ca: exported.NODE_EXTRA_CA_CERTS ?? '',
    };
}
