/** Which of wasi:http's error codes an error of Node's is. */

/** @typedef {{ tag: string, val?: unknown }} ErrorCode */

/** Codes of errors that are made here */
export const TIMED_OUT = /** @type {const} */ ({
    connect: 'ERR_HTTP_CONNECT_TIMEOUT',
    firstByte: 'ERR_HTTP_FIRST_BYTE_TIMEOUT',
    betweenBytes: 'ERR_HTTP_BETWEEN_BYTES_TIMEOUT',
});
export const DENIED = 'ERR_HTTP_HOST_DENIED';
export const PROXY = 'ERR_HTTP_PROXY';

/** @type {Record<string, string>} */
const CODES = {
    [TIMED_OUT.connect]: 'connection-timeout',
    [TIMED_OUT.firstByte]: 'HTTP-response-timeout',
    [TIMED_OUT.betweenBytes]: 'connection-read-timeout',
    [DENIED]: 'HTTP-request-denied',
    EADDRNOTAVAIL: 'destination-IP-unroutable',
    ECONNABORTED: 'connection-terminated',
    ECONNREFUSED: 'connection-refused',
    ECONNRESET: 'connection-terminated',
    EHOSTDOWN: 'destination-unavailable',
    EHOSTUNREACH: 'destination-IP-unroutable',
    ENETUNREACH: 'destination-IP-unroutable',
    EPIPE: 'connection-terminated',
    EPROTO: 'TLS-protocol-error',
    ETIMEDOUT: 'connection-timeout',
    HPE_HEADER_OVERFLOW: 'HTTP-response-incomplete',
    HPE_INVALID_EOF_STATE: 'HTTP-response-incomplete',
};

/** Names of what OpenSSL's check of a certificate finds (`X509_verify_cert_error_string`), and of Node's own */
const CERTIFICATE = /^(?:CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERROR_IN_CERT_|INVALID_(?:CA|PURPOSE)|PATH_LENGTH_|HOSTNAME_MISMATCH|ERR_TLS_CERT_)/;

/**
 * @param {unknown} error
 * @returns {ErrorCode}
 */
export function errorCode(error) {
    const { code = '', message = '' } = first(error) ?? {};
    const tag = CODES[code];
    if (tag) return { tag };
    if (CERTIFICATE.test(code)) return { tag: 'TLS-certificate-error' };
    if (/^ERR_(?:SSL|TLS)_/.test(code)) return { tag: 'TLS-protocol-error' };
    if (/^(?:ENOTFOUND|ENODATA|EAI_)/.test(code)) return { tag: 'DNS-error', val: { rcode: code, infoCode: undefined } };
    if (code.startsWith('HPE_')) return { tag: 'HTTP-protocol-error' };
    return { tag: 'internal-error', val: message || code || 'an error without a name' };
}

/** An error of several addresses is that of the first. @param {any} error @returns {any} */
export function first(error) {
    return error instanceof AggregateError && error.errors.length > 0 ? first(error.errors[0]) : error;
}

/** @param {string} code @param {string} message */
export function failure(code, message) {
    return Object.assign(new Error(message), { code });
}
