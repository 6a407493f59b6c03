/** The built task against the emulator, as an agent runs it. */

import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { CONNECTION, JOB_TOKEN, jobFolder, run, shows } from './support/agent.js';
import { built } from './support/built.js';
import { demo, startEmulator } from './support/emulator.js';

/** @type {import('./support/emulator.js').Emulator} */
let emulator;
before(async () => {
    emulator = await startEmulator();
    await built();
});

const TENANT = '7f3b1c52-9d0e-4c6a-8b4f-2a51c0d7e611';
const APP = '5a81c67f-e8ff-431e-a5c0-2f14ed6c75c3';
const SECRET = 'demo-secret-lifeguard~82e21a37496f';

/** @param {Record<string, string>} [more] */
const inputs = (more) => ({
    command: 'check',
    organization: emulator.organization,
    authorityHost: emulator.authority,
    pool: 'linux-build',
    minVersion: '',
    ...more,
});
const bySecret = () => inputs({ tenantId: TENANT, clientId: APP, clientSecret: SECRET });

describe('each service connection', () => {
    const principal = { tenantid: TENANT, serviceprincipalid: APP };
    const data = { environment: 'AzureCloud', subscriptionid: '00000000-0000-0000-0000-000000000001' };

    test('workload identity federation', async () => {
        const { SYSTEM_OIDCREQUESTURI } = emulator.environments['azure-pipelines'];
        const ended = await run({
            inputs: inputs({ azureSubscription: CONNECTION }),
            connection: { scheme: 'WorkloadIdentityFederation', parameters: principal, data },
            variables: { 'System.OidcRequestUri': SYSTEM_OIDCREQUESTURI },
        });
        assert.equal(ended.result, 'Succeeded', ended.output);
        assert.equal(shows(ended, JOB_TOKEN), false);
    });

    test('the same where the server gives no URI for OIDC', async () => {
        const { SYSTEM_COLLECTIONURI, SYSTEM_TEAMPROJECTID, SYSTEM_PLANID, SYSTEM_JOBID } =
            emulator.environments['azure-pipelines-task'];
        const ended = await run({
            inputs: inputs({ azureSubscription: CONNECTION, organization: '' }),
            connection: { scheme: 'WorkloadIdentityFederation', parameters: principal, data },
            variables: {
                'System.CollectionUri': SYSTEM_COLLECTIONURI,
                'System.TeamProjectId': SYSTEM_TEAMPROJECTID,
                'System.HostType': 'build',
                'System.PlanId': SYSTEM_PLANID,
                'System.JobId': SYSTEM_JOBID,
            },
        });
        assert.equal(ended.result, 'Succeeded', ended.output);
    });

    test("a service principal's secret", async () => {
        const parameters = { ...principal, authenticationType: 'spnKey', serviceprincipalkey: SECRET };
        const ended = await run({
            inputs: inputs({ azureSubscription: CONNECTION }),
            connection: { scheme: 'ServicePrincipal', parameters, data },
        });
        assert.equal(ended.result, 'Succeeded', ended.output);
        assert.equal(shows(ended, SECRET), false);
    });

    test("a service principal's certificate", async () => {
        const certificate = await readFile(path.join(demo, 'certificates/lifeguard.pem'), 'utf8');
        const parameters = {
            ...principal,
            authenticationType: 'spnCertificate',
            servicePrincipalCertificate: certificate,
        };
        const ended = await run({
            inputs: inputs({ azureSubscription: CONNECTION }),
            connection: { scheme: 'ServicePrincipal', parameters, data },
        });
        assert.equal(ended.result, 'Succeeded', ended.output);
        for (const line of certificate.split('\n').filter((line) => line && !line.startsWith('-'))) {
            assert.equal(shows(ended, line), false);
        }
    });

    test('a managed identity', async () => {
        const ended = await run({
            inputs: inputs({ azureSubscription: CONNECTION }),
            connection: { scheme: 'ManagedServiceIdentity', parameters: { tenantid: TENANT }, data },
            machine: { AZURE_POD_IDENTITY_AUTHORITY_HOST: new URL(emulator.authority).origin },
        });
        assert.equal(ended.result, 'Succeeded', ended.output);
    });

    test('an Azure DevOps connection', async () => {
        const { SYSTEM_OIDCREQUESTURI } = emulator.environments['azure-pipelines'];
        const ended = await run({
            inputs: inputs({ azureDevOpsServiceConnection: CONNECTION }),
            connection: { scheme: 'Token', parameters: { TenantId: TENANT, ServicePrincipalId: APP } },
            variables: { 'System.OidcRequestUri': SYSTEM_OIDCREQUESTURI },
        });
        assert.equal(ended.result, 'Succeeded', ended.output);
    });

    test('none, but a managed identity of the machine', async () => {
        const machine = emulator.environments['app-service'];
        const ended = await run({
            inputs: inputs(),
            machine: { IDENTITY_ENDPOINT: machine.IDENTITY_ENDPOINT, IDENTITY_HEADER: machine.IDENTITY_HEADER },
        });
        assert.equal(ended.result, 'Succeeded', ended.output);
        assert.equal(shows(ended, machine.IDENTITY_HEADER), false);
    });

    test('of a kind that no token can be had with', async () => {
        const ended = await run({
            inputs: inputs({ azureSubscription: CONNECTION }),
            connection: { scheme: 'PublishProfile', parameters: {} },
        });
        assert.equal(ended.result, 'Failed');
        assert.match(ended.output, /PublishProfile/);
        assert.equal(ended.code, 0);
    });
});

describe('what the agent is told', () => {
    test('an unhealthy pool fails the step, once, and the files are uploaded', async () => {
        const ended = await run({ inputs: { ...bySecret(), pool: '*' } });
        assert.equal(ended.code, 0);
        assert.deepEqual(
            ended.commands.filter(({ name }) => name === 'task.complete').map(({ properties }) => properties.result),
            ['Failed'],
        );
        const { message: summary = '' } = ended.commands.find(({ name }) => name === 'task.uploadsummary') ?? {};
        assert.match(await readFile(summary, 'utf8'), /gpu-build/);
        assert.match(summary, /_temp.pool-lifeguard-/);
        assert.equal(shows(ended, SECRET), false);
    });

    test('an unhealthy pool fails the step in a format without commands too', async () => {
        const ended = await run({ inputs: { ...bySecret(), pool: '*', format: 'json' } });
        assert.equal(ended.result, 'Failed');
        const healthy = await run({ inputs: { ...bySecret(), format: 'json' } });
        assert.equal(healthy.result, undefined);
        assert.equal(healthy.code, 0);
    });

    test('wrong usage fails the step', async () => {
        const ended = await run({ inputs: { ...bySecret(), timeout: 'soon' } });
        assert.equal(ended.result, 'Failed');
        assert.equal(ended.code, 0);
        assert.equal(ended.commands.filter(({ name }) => name === 'task.complete').length, 1);
    });

    test('a refused secret fails the step and stays secret', async () => {
        const wrong = 'not-the-secret-6a0f';
        const ended = await run({ inputs: { ...bySecret(), clientSecret: wrong } });
        assert.equal(ended.result, 'Failed');
        assert.match(ended.output, /AADSTS7000215/);
        assert.equal(shows(ended, wrong), false);
    });

    test('a token goes to a secret variable', async () => {
        const ended = await run({ inputs: { ...bySecret(), command: 'token' } });
        const set = ended.commands.find(({ name }) => name === 'task.setvariable');
        assert.equal(set?.properties.issecret, 'true');
        assert.equal(ended.commands.findIndex(({ name }) => name === 'task.setsecret') < ended.commands.indexOf(set), true);
    });
});

describe('files', () => {
    test('are written where the input says, relative to the working directory', async () => {
        const ended = await run({ inputs: { ...bySecret(), report: 'junit=results.xml, json = deep.json' } });
        assert.equal(ended.result, 'Succeeded', ended.output);
        assert.match(await readFile(path.join(ended.folder, 'results.xml'), 'utf8'), /<testsuites/);
        assert.ok(JSON.parse(await readFile(path.join(ended.folder, 'deep.json'), 'utf8')));
    });

    test('are read where the input says, also through links', async () => {
        const folder = await jobFolder();
        const elsewhere = await jobFolder();
        await mkdir(path.join(folder, '..data'));
        await writeFile(path.join(folder, '..data/secret'), SECRET);
        await symlink('..data/secret', path.join(folder, 'mounted'));
        await writeFile(path.join(elsewhere, 'secret'), SECRET);
        await symlink(path.join(elsewhere, 'secret'), path.join(folder, 'linked'));
        for (const clientSecretFile of ['..data/secret', 'mounted', 'linked']) {
            const ended = await run(
                { inputs: { ...inputs({ tenantId: TENANT, clientId: APP }), clientSecretFile } },
                { folder },
            );
            assert.equal(ended.result, 'Succeeded', ended.output);
        }
    });

    test('that are not there are told', async () => {
        const ended = await run({ inputs: { ...inputs({ tenantId: TENANT, clientId: APP }), clientSecretFile: 'none' } });
        assert.equal(ended.result, 'Failed');
        assert.match(ended.output, /none/);
    });
});

describe('hosts', () => {
    test('that no input names are not asked', async () => {
        // The component asks none but these: so the list is emptied.
        const source = `const { has } = Set.prototype;
            Set.prototype.has = function (value) { return !/^127.0.0.1:/.test(value) && has.call(this, value); };`;
        const ended = await run(
            { inputs: bySecret() },
            { node: ['--import', `data:text/javascript,${encodeURIComponent(source)}`] },
        );
        assert.equal(ended.result, 'Failed', ended.output);
        assert.match(ended.output, /allow-list/);
    });

    test('that hang before the first byte end at the deadline', async () => {
        const server = http.createServer(() => {}).listen(0, '127.0.0.1');
        after(() => server.close());
        await new Promise((resolve) => server.once('listening', resolve));
        const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
        const ended = await run({
            inputs: { ...bySecret(), authorityHost: `http://127.0.0.1:${port}`, timeout: '2s' },
        });
        server.closeAllConnections();
        assert.equal(ended.result, 'Failed', ended.output);
        assert.ok(ended.milliseconds < 15_000, `${ended.milliseconds} ms`);
    });

    test('that hang between bytes end at the deadline', async () => {
        const server = http
            .createServer((_, response) => void response.writeHead(200, { 'content-length': 100 }).write('{"access_'))
            .listen(0, '127.0.0.1');
        after(() => server.close());
        await new Promise((resolve) => server.once('listening', resolve));
        const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
        const ended = await run({
            inputs: { ...bySecret(), authorityHost: `http://127.0.0.1:${port}`, timeout: '2s' },
        });
        server.closeAllConnections();
        assert.equal(ended.result, 'Failed', ended.output);
        assert.ok(ended.milliseconds < 15_000, `${ended.milliseconds} ms`);
    });

    test('that cut a body short are told, not a trap', async () => {
        const server = http
            .createServer((_, response) => {
                response.writeHead(200, { 'content-length': 100 }).write('{"access_');
                setTimeout(() => response.destroy(), 50);
            })
            .listen(0, '127.0.0.1');
        after(() => server.close());
        await new Promise((resolve) => server.once('listening', resolve));
        const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
        const ended = await run({
            inputs: { ...bySecret(), authorityHost: `http://127.0.0.1:${port}`, timeout: '3s' },
        });
        assert.equal(ended.result, 'Failed', ended.output);
        assert.doesNotMatch(ended.output, /unreachable|TypeError|the component ended/);
    });

    test('on an IPv6 loopback address are reached', async (context) => {
        const target = new URL(emulator.authority);
        const relay = http.createServer((request, response) => {
            const onward = http.request(
                { host: '127.0.0.1', port: target.port, path: request.url, method: request.method, headers: { ...request.headers, host: target.host } },
                (answer) => {
                    response.writeHead(answer.statusCode ?? 500, answer.headers);
                    answer.pipe(response);
                },
            );
            request.pipe(onward);
        });
        after(() => relay.close());
        const listens = await new Promise((resolve) => {
            relay.once('error', () => resolve(false)).listen(0, '::1', () => resolve(true));
        });
        if (!listens) return context.skip('there is no IPv6 here');
        const { port } = /** @type {import('node:net').AddressInfo} */ (relay.address());
        const ended = await run({
            inputs: {
                ...bySecret(),
                organization: `http://[::1]:${port}/contoso`,
                authorityHost: `http://[::1]:${port}`,
            },
        });
        assert.equal(ended.result, 'Succeeded', ended.output);
    });
});

describe('what must never hang', () => {
    /** @param {(folder: string) => Promise<void>} harm */
    const harmed = async (harm) => {
        const folder = path.join(tmpdir(), `lifeguard-harmed-${process.pid}-${Math.random().toString(36).slice(2)}`);
        await cp(await built(), folder, { recursive: true });
        after(() => rm(folder, { recursive: true, force: true }));
        await harm(folder);
        return run({ inputs: { ...bySecret(), timeout: '1s' } }, { task: folder });
    };

    test('a missing file of the component', async () => {
        const ended = await harmed((folder) => rm(path.join(folder, 'component.mjs')));
        assert.equal(ended.result, 'Failed', ended.output);
        assert.equal(ended.code, 0);
        assert.match(ended.output, /component\.mjs/);
        assert.ok(ended.milliseconds < 10_000);
    });

    test('a damaged component', async () => {
        const ended = await harmed((folder) => truncate(path.join(folder, 'lifeguard.core.wasm'), 1000));
        assert.equal(ended.result, 'Failed', ended.output);
        assert.ok(ended.milliseconds < 10_000);
    });

    test('a component that traps', async () => {
        const ended = await harmed((folder) =>
            writeFile(path.join(folder, 'component.mjs'), 'throw new WebAssembly.RuntimeError("unreachable");'),
        );
        assert.equal(ended.result, 'Failed', ended.output);
        assert.match(ended.output, /unreachable/);
    });

    test('a component that never ends', async () => {
        const ended = await harmed((folder) => writeFile(path.join(folder, 'component.mjs'), 'for (;;);'));
        assert.equal(ended.result, 'Failed', ended.output);
        assert.match(ended.output, /hasn't ended within 16 seconds/);
        assert.ok(ended.milliseconds < 40_000);
    });
});

test('1 MB through a pipe that is read slowly comes to its end', async () => {
    const scenario = path.join(tmpdir(), `lifeguard-many-${process.pid}`);
    after(() => rm(scenario, { recursive: true, force: true }));
    await cp(demo, scenario, { recursive: true });
    const file = path.join(scenario, 'agents/12.json');
    const agents = JSON.parse((await readFile(file, 'utf8')).replace(/^\uFEFF/, ''));
    const [{ systemCapabilities: _, ...first }] = agents.value ?? agents;
    const many = Array.from({ length: 3000 }, (_, place) => ({ ...first, id: 10_000 + place, name: `gpu-${place}` }));
    await writeFile(file, JSON.stringify({ count: many.length, value: many }));
    const crowded = await startEmulator({ scenario });
    const job = {
        inputs: { ...bySecret(), organization: crowded.organization, authorityHost: crowded.authority, pool: 'gpu-build', format: 'json' },
    };
    const ended = await run(job, {
        async read(stream) {
            let text = '';
            stream.setEncoding('utf8');
            await sleep(300);
            for await (const part of stream) {
                text += part;
                await sleep(3);
            }
            return text;
        },
    });
    assert.ok(ended.output.length > 1_000_000, `${ended.output.length} bytes`);
    const [report] = ended.output.match(/^\{$[^]*^\}$/m) ?? [];
    assert.equal(JSON.parse(report ?? '').pools[0].agents?.length ?? 3000, 3000);
    assert.equal(ended.result, 'Failed');
});

test('nothing is left behind in the working directory', async () => {
    const ended = await run({ inputs: bySecret() });
    assert.deepEqual((await readdir(ended.folder)).toSorted(), ['_temp']);
});
