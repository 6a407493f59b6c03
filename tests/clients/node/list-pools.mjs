// Runs @azure/identity and azure-devops-node-api against the emulator.
//
// Everything comes from the environment: see ../README.md. One line a case, exit code 1 on any difference.

import assert from "node:assert/strict";
import {
    AzurePipelinesCredential,
    ClientCertificateCredential,
    ClientSecretCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
} from "@azure/identity";
import azdev from "azure-devops-node-api";

const SCOPE = "499b84ac-1321-427f-aa17-267ca6975798/.default";
const ENVIRONMENTS = JSON.parse(process.env.LIFEGUARD_ENVIRONMENTS);
const EXPECTED = {
    pools: ["Azure Pipelines", "gpu-build", "linux-build", "windows-build"],
    agents: 20,
    online: 20,
    busy: 6,
};
const ONLINE = 2;

/** The variables of one of the scenario's environments, and none of another's. */
function enter(name) {
    for (const variables of Object.values(ENVIRONMENTS)) {
        for (const key of Object.keys(variables)) delete process.env[key];
    }
    return Object.assign(process.env, ENVIRONMENTS[name]);
}

const bearer = async (credential) => {
    const { token } = await credential.getToken(SCOPE);
    return azdev.getBearerHandler(token);
};
const options = (env) => ({
    authorityHost: env.AZURE_AUTHORITY_HOST,
    // It would ask the public cloud whether this authority exists.
    disableInstanceDiscovery: true,
});
const app = (env) => [env.AZURE_TENANT_ID, env.AZURE_CLIENT_ID];

const clientSecret = (env) => bearer(new ClientSecretCredential(...app(env), env.AZURE_CLIENT_SECRET, options(env)));
const clientCertificate = (env) =>
    bearer(
        new ClientCertificateCredential(
            ...app(env),
            {
                certificatePath: env.AZURE_CLIENT_CERTIFICATE_PATH,
                certificatePassword: env.AZURE_CLIENT_CERTIFICATE_PASSWORD,
            },
            { ...options(env), sendCertificateChain: "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN" in env },
        ),
    );
const managedIdentity = (env) => bearer(new ManagedIdentityCredential({ clientId: env.AZURE_CLIENT_ID }));
const azurePipelines = (env) =>
    bearer(
        new AzurePipelinesCredential(
            ...app(env),
            env.AZURESUBSCRIPTION_SERVICE_CONNECTION_ID,
            env.SYSTEM_ACCESSTOKEN,
            options(env),
        ),
    );
const workloadIdentity = (env) => bearer(new WorkloadIdentityCredential(options(env)));
const pat = async (env) => azdev.getPersonalAccessTokenHandler(env.AZP_TOKEN);

async function seen(handler, url) {
    const api = await new azdev.WebApi(url, handler).getTaskAgentApi();
    const pools = await api.getAgentPools();
    const linux = pools.find((pool) => pool.name === "linux-build");
    const agents = await api.getAgents(linux.id, undefined, true, true);
    assert(agents.every((agent) => agent.systemCapabilities["Agent.OS"] === "Linux"));
    return {
        pools: pools.map((pool) => pool.name).sort(),
        agents: agents.length,
        online: agents.filter((agent) => agent.status === ONLINE).length,
        busy: agents.filter((agent) => agent.assignedRequest).length,
    };
}

const refused = (credential, code) => async (env) => {
    await assert.rejects(credential(env), (error) => String(error.message).includes(code) || assert.fail(`no ${code} in: ${error.message}`));
    return undefined;
};

const CASES = [
    ["client-secret", clientSecret],
    ["client-certificate", clientCertificate],
    ["client-certificate-encrypted", clientCertificate],
    ["client-certificate-chain", clientCertificate],
    ["app-service", managedIdentity],
    ["app-service-user-assigned", managedIdentity],
    ["imds", managedIdentity],
    ["imds-user-assigned", managedIdentity],
    ["cloud-shell", managedIdentity],
    ["azure-ml", managedIdentity],
    ["azure-pipelines", azurePipelines],
    ["azure-pipelines-vstoken", azurePipelines],
    ["workload-identity", workloadIdentity],
    ["pat", pat],
    ["expired-secret", refused(clientSecret, "AADSTS7000222")],
    ["secret-id", refused(clientSecret, "AADSTS7000215")],
    ["wrong-tenant", refused(clientSecret, "AADSTS700016")],
    ["client-certificate-unregistered", refused(clientCertificate, "AADSTS700027")],
];

let failures = 0;
for (const [name, authenticate] of CASES) {
    const env = enter(name);
    try {
        const handler = await authenticate(env);
        if (!handler) {
            console.log(`ok      node ${name}: refused as expected`);
            continue;
        }
        const found = await seen(handler, env.AZP_URL);
        assert.deepEqual(found, EXPECTED);
        console.log(`ok      node ${name}: ${found.pools.length} pools, ${found.agents} agents, ${found.busy} busy`);
    } catch (error) {
        failures += 1;
        console.log(`FAILED  node ${name}: ${error.name}: ${error.message}`);
    }
}
process.exitCode = failures ? 1 : 0;
