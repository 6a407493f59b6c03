/** The built task behind a real proxy, and with a certificate authority of one's own. */

import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';

import { jobFolder, run, shows } from './support/agent.js';
import { startEmulator } from './support/emulator.js';
import { freePort, PASSWORD, startProxy, USER } from './support/proxy.js';

/** @type {import('./support/emulator.js').Emulator} */
let emulator;
before(async () => {
    emulator = await startEmulator({ tls: true });
});

const inputs = () => ({
    command: 'check',
    organization: emulator.organization,
    authorityHost: emulator.authority,
    pool: 'linux-build',
    tenantId: '7f3b1c52-9d0e-4c6a-8b4f-2a51c0d7e611',
    clientId: '5a81c67f-e8ff-431e-a5c0-2f14ed6c75c3',
    clientSecret: 'demo-secret-lifeguard~82e21a37496f',
    timeout: '10s',
});

describe('a private certificate authority', () => {
    test('that nobody named is not trusted', async () => {
        const ended = await run({ inputs: inputs() });
        assert.equal(ended.result, 'Failed', ended.output);
        assert.match(ended.output, /TLS|certificate/);
        assert.match(ended.output, /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED|UNABLE_TO_GET_ISSUER/);
    });

    test("that is the agent's is trusted", async () => {
        const ended = await run({ inputs: inputs(), variables: { 'Agent.CAInfo': emulator.ca } });
        assert.equal(ended.result, 'Succeeded', ended.output);
    });

    test("that is Node's is trusted", async () => {
        const ended = await run({ inputs: inputs(), machine: { NODE_EXTRA_CA_CERTS: emulator.ca } });
        assert.equal(ended.result, 'Succeeded', ended.output);
    });

    test("that is Node's is trusted beside another that is the agent's", async () => {
        const other = new URL('../../emulator/scenarios/demo/certificates/lifeguard-public.pem', import.meta.url);
        const folder = await jobFolder();
        const file = path.join(folder, '_temp', 'other.pem');
        await copyFile(other, file);
        const ended = await run(
            {
                inputs: inputs(),
                variables: { 'Agent.CAInfo': file },
                machine: { NODE_EXTRA_CA_CERTS: emulator.ca },
            },
            { folder },
        );
        assert.equal(ended.result, 'Succeeded', ended.output);
    });

    test('whose file is not there is told', async () => {
        const ended = await run({ inputs: inputs(), variables: { 'Agent.CAInfo': '/nowhere/ca.pem' } });
        assert.equal(ended.result, 'Failed');
        assert.equal(ended.code, 0);
        assert.match(ended.output, /\/nowhere\/ca\.pem/);
    });

    test('is not asked for where the agent skips validation', async () => {
        const ended = await run({ inputs: inputs(), variables: { 'Agent.SkipCertValidation': 'True' } });
        assert.equal(ended.result, 'Succeeded', ended.output);
    });
});

describe('a proxy', () => {
    const trusted = () => ({ 'Agent.CAInfo': emulator.ca });
    const authority = () => new URL(emulator.authority).host;

    test('that asks for a password is gone through', async (context) => {
        const folder = await jobFolder();
        const proxy = await startProxy(context, folder);
        if (!proxy) return;
        const ended = await run({
            inputs: inputs(),
            variables: { ...trusted(), 'Agent.ProxyUrl': proxy.url, 'Agent.ProxyUsername': USER },
            secrets: { 'Agent.ProxyPassword': PASSWORD },
        });
        assert.equal(ended.result, 'Succeeded', ended.output);
        assert.match(proxy.log(), new RegExp(`CONNECT ${authority()}`));
        assert.equal(shows(ended, PASSWORD), false);
    });

    test('that is given a wrong password is told', async (context) => {
        const folder = await jobFolder();
        const proxy = await startProxy(context, folder);
        if (!proxy) return;
        const ended = await run({
            inputs: inputs(),
            variables: { ...trusted(), 'Agent.ProxyUrl': proxy.url, 'Agent.ProxyUsername': USER },
            secrets: { 'Agent.ProxyPassword': 'wrong-pass-55aa' },
        });
        assert.equal(ended.result, 'Failed');
        assert.match(ended.output, /proxy http:\/\/127\.0\.0\.1:\d+ doesn't let through: 40[17]/);
        assert.equal(shows(ended, 'wrong-pass-55aa'), false);
    });

    test('is not asked for a host that is an exception', async () => {
        const ended = await run({
            inputs: inputs(),
            variables: {
                ...trusted(),
                'Agent.ProxyUrl': `http://127.0.0.1:${await freePort()}`,
                'Agent.ProxyBypassList': JSON.stringify(['https:\\/\\/localhost']),
            },
        });
        assert.equal(ended.result, 'Succeeded', ended.output);
    });

    test('that is not there is told, and not as if the host were not there', async () => {
        const port = await freePort();
        const ended = await run({
            inputs: inputs(),
            variables: { ...trusted(), 'Agent.ProxyUrl': `http://127.0.0.1:${port}` },
        });
        assert.equal(ended.result, 'Failed');
        assert.match(ended.output, new RegExp(`proxy http://127.0.0.1:${port} doesn't let through: .*ECONNREFUSED`));
    });

    test('is not gone through to a managed identity of the machine', async () => {
        const plain = await startEmulator();
        const { IDENTITY_ENDPOINT, IDENTITY_HEADER } = plain.environments['app-service'];
        const ended = await run({
            inputs: {
                ...inputs(),
                organization: plain.organization,
                authorityHost: plain.authority,
                identity: 'managed-identity',
                tenantId: '',
                clientId: '',
                clientSecret: '',
            },
            variables: { 'Agent.ProxyUrl': `http://127.0.0.1:${await freePort()}` },
            machine: { IDENTITY_ENDPOINT, IDENTITY_HEADER },
        });
        assert.equal(ended.result, 'Succeeded', ended.output);
    });
});
