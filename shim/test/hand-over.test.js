/** What the component is given, read by the real task-lib from an agent's environment. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'node:test';

import { bound, duration } from '../src/task/bound.js';
import * as contract from '../src/task/contract.js';
import { Folders } from '../src/task/folders.js';
import { allowedHosts, hostOf } from '../src/task/hosts.js';
import { CONNECTION, environment, JOB_TOKEN, jobFolder } from './support/agent.js';

const manifest = JSON.parse(readFileSync(new URL('../../task.json', import.meta.url), 'utf8'));

/** @type {import('../src/task/hand-over.js').Machine} */
const nowhere = { environment: {}, platform: 'linux', folder: '/', exists: () => false, follow: (path) => path };

/** @param {import('./support/agent.js').Job} job */
async function handedOver(job) {
    const folder = await jobFolder();
    const program = fileURLToPath(new URL('support/print-hand-over.js', import.meta.url));
    const output = execFileSync(process.execPath, [program], { cwd: folder, env: environment(folder, job) });
    const given = JSON.parse(output.toString().split('=====\n')[1]);
    return { ...given, folder };
}

/** @param {Record<string, string>} environment @param {string} beginning */
const named = (environment, beginning) =>
    Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith(beginning)));

describe('the environment', () => {
    test('has the inputs that have a value, and nothing of the agent', async () => {
        const { environment, folder } = await handedOver({
            inputs: { command: 'check', pool: 'a\nb', clientSecret: 's3cret' },
            machine: {
                AZP_TOKEN: 'of-the-agent',
                AWS_SECRET_ACCESS_KEY: 'of-another',
                GITHUB_TOKEN: 'of-another',
                NODE_OPTIONS: '--no-warnings',
                AZURE_CLIENT_ID: 'an-app',
            },
            secrets: { 'other.secret': 'of-the-pipeline' },
        });
        assert.equal(environment.INPUT_POOL, 'a\nb');
        assert.equal(environment.INPUT_CLIENTSECRET, 's3cret');
        assert.equal(environment.INPUT_TENANTID, undefined);
        assert.equal(environment.INPUT_POLICYFILE, undefined, 'an unset path is the working directory');
        assert.equal(environment.AZURE_CLIENT_ID, 'an-app');
        assert.equal(environment.SYSTEM_ACCESSTOKEN, JOB_TOKEN);
        assert.equal(environment.AGENT_TEMPDIRECTORY, `${folder}/_temp`);
        const names = ['INPUT_', 'CONNECTION_', 'SYSTEM_ACCESSTOKEN', 'AGENT_TEMPDIRECTORY', ...contract.VARIABLES];
        for (const name of Object.keys(environment)) {
            assert.ok(names.some((known) => name.startsWith(known)), name);
        }
        for (const value of Object.values(environment)) assert.doesNotMatch(value, /^of-/);
    });

    test('has the format that the agent gives by default, and `pipelines` where it gives none', async () => {
        const { environment } = await handedOver({ inputs: { format: '' } });
        assert.equal(environment.INPUT_FORMAT, 'pipelines');
    });

    test('has no connection where none is chosen', async () => {
        const { environment } = await handedOver({});
        assert.deepEqual(named(environment, 'CONNECTION_'), {});
    });
});

describe('the connection', () => {
    test('of Azure Resource Manager, with a certificate', async () => {
        const pem = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----\n';
        const { environment, secrets } = await handedOver({
            inputs: { azureSubscription: CONNECTION },
            connection: {
                scheme: 'ServicePrincipal',
                parameters: {
                    tenantid: 'a-tenant',
                    serviceprincipalid: 'an-app',
                    authenticationType: 'spnCertificate',
                    servicePrincipalCertificate: pem,
                },
                data: { environment: 'AzureStack', environmentAuthorityUrl: 'https://adfs.contoso.example/adfs/' },
            },
        });
        assert.deepEqual(named(environment, 'CONNECTION_'), {
            CONNECTION_ID: CONNECTION,
            CONNECTION_TYPE: 'azurerm',
            CONNECTION_SCHEME: 'ServicePrincipal',
            CONNECTION_AUTHENTICATIONTYPE: 'spnCertificate',
            CONNECTION_TENANTID: 'a-tenant',
            CONNECTION_SERVICEPRINCIPALID: 'an-app',
            CONNECTION_SERVICEPRINCIPALCERTIFICATE: pem,
            CONNECTION_ENVIRONMENT: 'AzureStack',
            CONNECTION_AUTHORITYURL: 'https://adfs.contoso.example/adfs/',
        });
        assert.deepEqual(secrets, ['MIIEvQIBADANBg', JOB_TOKEN]);
    });

    test('of Azure Resource Manager, with a secret', async () => {
        const { environment, secrets } = await handedOver({
            inputs: { azureSubscription: CONNECTION },
            connection: {
                scheme: 'ServicePrincipal',
                parameters: { serviceprincipalkey: 'a-key', authenticationType: 'spnKey' },
            },
        });
        assert.equal(environment.CONNECTION_SERVICEPRINCIPALKEY, 'a-key');
        assert.deepEqual(secrets, ['a-key', JOB_TOKEN]);
    });

    test('of Azure DevOps', async () => {
        const { environment } = await handedOver({
            inputs: { azureDevOpsServiceConnection: CONNECTION },
            connection: { scheme: 'Token', parameters: { TenantId: 'a-tenant', ServicePrincipalId: 'an-app' } },
        });
        assert.deepEqual(named(environment, 'CONNECTION_'), {
            CONNECTION_ID: CONNECTION,
            CONNECTION_TYPE: 'azuredevops',
            CONNECTION_SCHEME: 'Token',
            CONNECTION_TENANTID: 'a-tenant',
            CONNECTION_SERVICEPRINCIPALID: 'an-app',
        });
    });
});

describe('files', () => {
    test('are whole paths, and each folder opens for them alone', async () => {
        const { environment, folders, folder } = await handedOver({
            inputs: { clientSecretFile: 'secrets/app.txt', outFile: 'token.txt', report: 'junit=a.xml, json=deep/b.json' },
            machine: { AZURE_FEDERATED_TOKEN_FILE: '/var/run/secrets/azure/tokens/azure-identity-token' },
        });
        assert.equal(environment.INPUT_CLIENTSECRETFILE, `${folder}/secrets/app.txt`);
        assert.equal(environment.INPUT_OUTFILE, `${folder}/token.txt`);
        assert.equal(environment.INPUT_REPORT, `junit=${folder}/a.xml\njson=${folder}/deep/b.json`);
        const of = (/** @type {string} */ host) => folders.find((/** @type {any} */ entry) => entry.host === host);
        assert.deepEqual(of('/var/run/secrets/azure/tokens').read, ['^azure-identity-token$']);
        assert.deepEqual(of(`${folder}/secrets`).read, ['^app\\.txt$']);
        assert.deepEqual(of(folder).written.toSorted(), ['^a\\.xml(\\.[^\\\\/]*)?$', '^token\\.txt(\\.[^\\\\/]*)?$']);
        assert.deepEqual(of(folder).read, []);
        assert.equal(folders.length, 5);
    });

    test('of Windows have paths that the component can take apart', () => {
        const folders = new Folders({ ...nowhere, platform: 'win32', folder: 'D:\\a\\1\\s' });
        assert.equal(folders.read('policy.json'), 'D:/a/1/s/policy.json');
        assert.equal(folders.read('..\\b\\..\\policy.json'), 'D:/a/1/policy.json');
        assert.equal(folders.write('\\\\server\\share\\out\\t.txt'), '//server/share/out/t.txt');
        assert.equal(folders.temporary('D:\\a\\_temp'), 'D:/a/_temp');
        const hosts = folders.all().map(({ host, guest }) => [host, guest]);
        assert.deepEqual(hosts, [
            ['D:\\a\\1\\s', 'D:/a/1/s'],
            ['D:\\a\\1', 'D:/a/1'],
            ['\\\\server\\share\\out', '//server/share/out'],
            ['D:\\a\\_temp', 'D:/a/_temp'],
        ]);
    });

    test("of Azure Arc's agent open on a machine that has it", () => {
        const folders = new Folders({ ...nowhere, exists: () => true });
        folders.ofMachine();
        const [program, challenges] = folders.all();
        assert.equal(program.host, '/opt/azcmagent/bin');
        assert.ok(challenges.read[0].test('a1b2.key'));
        assert.ok(!challenges.read[0].test('../a1b2.key'));
    });
});

describe('hosts', () => {
    test('are those that the inputs name', () => {
        const hosts = allowedHosts(
            {
                INPUT_ORGANIZATION: 'https://contoso.visualstudio.com',
                SYSTEM_COLLECTIONURI: 'https://dev.azure.com/fabrikam/',
                SYSTEM_OIDCREQUESTURI: 'https://dev.azure.com/fabrikam/1/_apis/oidctoken',
                INPUT_AUTHORITYHOST: 'https://login.example:8443/',
                IDENTITY_ENDPOINT: 'http://localhost:42356/msi/token',
                INPUT_SERVICESTATUS: 'false',
                INPUT_STATUSPAGE: 'https://status.dev.azure.com',
            },
            manifest,
        );
        assert.deepEqual(hosts.toSorted(), [
            '127.0.0.1:40342',
            '169.254.169.254:80',
            'contoso.visualstudio.com:443',
            'dev.azure.com:443',
            'localhost:42356',
            'login.example:8443',
        ]);
    });

    test('are those of all clouds where no token service is named, and the status page where it is wanted', () => {
        const hosts = allowedHosts({ INPUT_ORGANIZATION: 'contoso', INPUT_SERVICESTATUS: 'true' }, manifest);
        for (const host of ['dev.azure.com', 'login.microsoftonline.us', 'status.dev.azure.com']) {
            assert.ok(hosts.includes(`${host}:443`), host);
        }
    });

    test('are taken from what is a URL', () => {
        assert.equal(hostOf('https://Dev.Azure.com/x'), 'dev.azure.com:443');
        assert.equal(hostOf('http://[::1]:8080/'), '[::1]:8080');
        assert.equal(hostOf('contoso'), 'dev.azure.com:443');
        assert.equal(hostOf('https://'), undefined);
        assert.equal(hostOf('not a url'), undefined);
    });
});

test('the bound is that of the component, and a little more', () => {
    assert.equal(duration('90s'), 90_000);
    assert.equal(duration('1h 30m'), 5_400_000);
    assert.equal(duration('1h30m'), 5_400_000);
    assert.equal(duration('250ms'), 250);
    assert.equal(duration('2 days'), 172_800_000);
    for (const wrong of ['', 'soon', '10', '5 parsecs', '-1s']) assert.equal(duration(wrong), undefined);
    const grace = bound({ INPUT_TIMEOUT: '1s' }, manifest) - 1000;
    assert.ok(grace > 0);
    assert.equal(bound({}, manifest), 60_000 + grace);
    assert.equal(bound({ INPUT_COMMAND: 'wait', INPUT_DEADLINE: '2m' }, manifest), 180_000 + grace);
});

describe('this program and the component', () => {
    const source = (/** @type {string} */ file) => readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8');

    test('agree on the variables', () => {
        const ecosystem = [...source('inputs/ecosystem.rs').matchAll(/"([A-Z][A-Z0-9_]+)"/g)].map(([, name]) => name);
        const missing = ecosystem.filter((name) => !contract.VARIABLES.includes(name));
        assert.deepEqual(
            missing.filter((name) => !/^(AZP|AZDO|AZURE_DEVOPS)_/.test(name)),
            [],
        );
        const platform = [...source('identity/managed_identity/platform.rs').matchAll(/variable\("(\w+)"\)|endpoint_in\(inputs, "(\w+)"\)/g)];
        for (const [, one, other] of platform) assert.ok(contract.VARIABLES.includes(one ?? other), one ?? other);
    });

    test('agree on the secrets', () => {
        const [, list] = /SECRETS: &\[&str\] = &\[([^\]]*)\]/.exec(source('inputs/ecosystem.rs')) ?? [];
        const names = [...list.matchAll(/"(\w+)"/g)].map(([, name]) => `INPUT_${name.toUpperCase()}`);
        assert.ok(names.length > 0);
        for (const name of names) assert.ok(contract.SECRETS.includes(name), name);
    });

    test('agree on the inputs', () => {
        const inputs = new Map(manifest.inputs.map((/** @type {any} */ input) => [input.name, input]));
        for (const name of [...contract.WRITTEN_FILES, contract.REPORTS, contract.STATUS.page, 'timeout', 'deadline']) {
            assert.ok(inputs.has(name), name);
        }
        const connections = manifest.inputs.filter((/** @type {any} */ { type }) => type.startsWith('connectedService:'));
        for (const { type } of connections) assert.ok(type in contract.CONNECTION_TYPES, type);
    });
});
