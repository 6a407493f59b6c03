/** Whom the component may send requests to. */

import { AUTHORITIES, AUTHORITY, ENDPOINTS, METADATA, SERVICES, STATUS } from './contract.js';

/**
 * @param {Record<string, string>} environment what the component is given
 * @param {import('./hand-over.js').Manifest} manifest
 * @returns {string[]} as `host:port`
 */
export function allowedHosts(environment, manifest) {
    /** @param {string[]} names */
    const first = (names) => names.map((name) => environment[name]).find(Boolean);
    const authority = first(AUTHORITY);
    const urls = [
        ...ENDPOINTS.map(first),
        ...(authority ? [authority] : AUTHORITIES),
        ...METADATA,
        ...(environment[STATUS.wanted]?.toLowerCase() === 'true' ? [statusPage(environment, manifest)] : []),
    ];
    return [...new Set(urls.flatMap((url) => (url && hostOf(url)) || []))];
}

/**
 * `host:port` of a URL, or of an organization's name; nothing where it is none, for then the component refuses it.
 * @param {string} text
 */
export function hostOf(text) {
    const address = /^[\w.-]+$/.test(text) ? SERVICES : text;
    if (!URL.canParse(address)) return undefined;
    const { host, hostname, port, protocol } = new URL(address);
    return host && `${hostname}:${port || defaultPort(protocol)}`;
}

/** @param {string} protocol */
export function defaultPort(protocol) {
    return protocol === 'http:' ? '80' : '443';
}

/** @param {Record<string, string>} environment @param {import('./hand-over.js').Manifest} manifest */
function statusPage(environment, manifest) {
    const input = manifest.inputs.find(({ name }) => name === STATUS.page);
    return environment[`INPUT_${STATUS.page.toUpperCase()}`] ?? String(input?.defaultValue ?? '');
}
