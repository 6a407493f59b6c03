/** The agent's proxy and certificates, as task-lib tells them. */

import { readFileSync } from 'node:fs';
import tls from 'node:tls';

/**
 * @typedef {Pick<typeof import('azure-pipelines-task-lib/task.js'),
 *     'getHttpProxyConfiguration' | 'getHttpCertConfiguration' | 'getVariable'>} TaskLib
 */

/**
 * The proxy for a URL, unless the agent's list of exceptions has it
 * @param {TaskLib} task
 * @param {string} url
 */
export function proxyFor(task, url) {
    const configuration = task.getHttpProxyConfiguration(url);
    if (!configuration) return undefined;
    const proxy = new URL(configuration.proxyUrl);
    if (configuration.proxyUsername) {
        proxy.username = encodeURIComponent(configuration.proxyUsername);
        proxy.password = encodeURIComponent(configuration.proxyPassword ?? '');
    }
    return proxy;
}

/**
 * @param {TaskLib} task
 * @param {Record<string, string | undefined>} environment
 * @returns {import('node:https').AgentOptions}
 */
export function tlsOptions(task, environment) {
    const rejectUnauthorized = task.getVariable('Agent.SkipCertValidation')?.toLowerCase() !== 'true';
    const { caFile, certFile, keyFile, certArchiveFile, passphrase } = task.getHttpCertConfiguration() ?? {};
    if (!caFile && !certFile && !certArchiveFile) return { rejectUnauthorized };
    /** @param {string | undefined} file */
    const read = (file) => (file ? readFileSync(file) : undefined);
    const archive = read(certArchiveFile);
    const secureContext = tls.createSecureContext({
        ca: caFile ? [...defaultAuthorities(environment), readFileSync(caFile, 'utf8')] : undefined,
        ...(archive ? { pfx: archive } : { cert: read(certFile), key: read(keyFile) }),
        passphrase: passphrase || undefined,
    });
    return { rejectUnauthorized, secureContext };
}

/** Those that Node trusts by itself, which it forgets where others are named. @param {Record<string, string | undefined>} environment */
function defaultAuthorities({ NODE_EXTRA_CA_CERTS: extra }) {
    // Since Node 22.15
    const { getCACertificates } = /** @type {{ getCACertificates?: (kind: 'default') => string[] }} */ (tls);
    if (getCACertificates) return getCACertificates('default');
    return [...tls.rootCertificates, ...(extra ? [readFileSync(extra, 'utf8')] : [])];
}

/** What of them must be masked @param {TaskLib} task */
export function networkSecrets(task) {
    const secrets = [
        task.getHttpProxyConfiguration()?.proxyPassword,
        task.getHttpCertConfiguration()?.passphrase,
    ];
    return secrets.flatMap((secret) => secret || []);
}
