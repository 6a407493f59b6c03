/** In place of preview2-shim's `io/worker-http.js`: requests by our own client, and no server. */

import {
    createReadableStream,
    getStreamOrThrow,
} from '../../node_modules/@bytecodealliance/preview2-shim/dist/io/worker-thread.js';

import { errorCode } from './errors.js';

/** @type {import('./client.js').Client | undefined} */
let client;

/** Names the client that sends the component's requests. @param {import('./client.js').Client} chosen */
export function sendBy(chosen) {
    client = chosen;
}

/**
 * @param {string} method
 * @param {string} scheme
 * @param {string} authority
 * @param {string} path
 * @param {[string, string][]} headers
 * @param {number | null} bodyId
 * @param {bigint | undefined} connect
 * @param {bigint | undefined} betweenBytes
 * @param {bigint | undefined} firstByte
 */
export function createHttpRequest(method, scheme, authority, path, headers, bodyId, connect, betweenBytes, firstByte) {
    /** @type {import('./client.js').Flight | undefined} */
    let flight;
    const send = async () => {
        flight = client?.send({
            method,
            scheme,
            authority,
            path,
            headers,
            body: bodyId === null ? null : getStreamOrThrow(bodyId).stream,
            timeouts: {
                connect: milliseconds(connect),
                firstByte: milliseconds(firstByte),
                betweenBytes: milliseconds(betweenBytes),
            },
        });
        if (!flight) throw new Error('no client was chosen');
        const response = await flight.response;
        const bodyStreamId = createReadableStream(response);
        return { status: response.statusCode, headers: pairs(response.rawHeaders), bodyStreamId };
    };
    const response = send().catch((error) => {
        throw errorCode(error);
    });
    return Object.assign(response, { cancel: () => flight?.cancel() });
}

/** @param {bigint | undefined} nanoseconds */
function milliseconds(nanoseconds) {
    return nanoseconds === undefined ? undefined : Math.min(Math.max(Number(nanoseconds) / 1e6, 1), 0x7fffffff);
}

/** Node reads bytes as Latin-1; where they are UTF-8 they become the same bytes again. @param {string[]} raw */
function pairs(raw) {
    /** @type {[string, string][]} */
    const pairs = [];
    for (let place = 0; place < raw.length; place += 2) {
        pairs.push([raw[place].toLowerCase(), Buffer.from(raw[place + 1], 'latin1').toString()]);
    }
    return pairs;
}

function noServer() {
    throw new Error('there is no server here');
}

export {
    noServer as clearOutgoingResponse,
    noServer as getHttpServerAddress,
    noServer as setOutgoingResponse,
    noServer as startHttpServer,
    noServer as stopHttpServer,
};
