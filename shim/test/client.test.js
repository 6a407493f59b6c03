/** The HTTP client by itself: timeouts, errors, connections. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import tls from 'node:tls';

import { Client } from '../src/http/client.js';
import { errorCode } from '../src/http/errors.js';

const pem = readFileSync(new URL('../../emulator/scenarios/demo/certificates/lifeguard.pem', import.meta.url), 'utf8');

/**
 * @param {import('node:test').TestContext} context
 * @param {net.Server} server
 * @param {string} [host]
 */
async function listen(context, server, host = '127.0.0.1') {
    /** @type {Set<net.Socket>} */
    const sockets = new Set();
    server.on('connection', (socket) => sockets.add(socket));
    server.listen(0, host);
    await once(server, 'listening');
    context.after(() => {
        server.close();
        for (const socket of sockets) socket.destroy();
    });
    const { port } = /** @type {net.AddressInfo} */ (server.address());
    return { authority: `${host.includes(':') ? `[${host}]` : host}:${port}`, sockets };
}

/**
 * @param {import('node:test').TestContext} context
 * @param {string} authority
 * @param {Partial<import('../src/http/client.js').Network>} [network]
 */
function client(context, authority, network) {
    const client = new Client({ hosts: [authority], proxy: () => undefined, tls: {}, debug() {}, ...network });
    context.after(() => client.close());
    /** @param {Partial<import('../src/http/client.js').Outgoing>} [outgoing] */
    return (outgoing) =>
        client.send({
            method: 'get',
            scheme: 'http:',
            authority,
            path: '/',
            headers: [],
            body: null,
            timeouts: {},
            ...outgoing,
        });
}

/** @param {Promise<unknown>} promise */
async function code(promise) {
    return promise.then(() => undefined, errorCode);
}

test('a server that hangs before the first byte', async (context) => {
    const { authority } = await listen(context, http.createServer(() => {}));
    const { response } = client(context, authority)({ timeouts: { connect: 5000, firstByte: 100 } });
    assert.deepEqual(await code(response), { tag: 'HTTP-response-timeout' });
});

test('a server that hangs between bytes', async (context) => {
    const { authority } = await listen(
        context,
        http.createServer((_, response) => void response.writeHead(200, { 'content-length': 9 }).write('some')),
    );
    const response = await client(context, authority)({ timeouts: { betweenBytes: 100 } }).response;
    assert.deepEqual(await code(text(response)), { tag: 'connection-read-timeout' });
});

test('a server that is slow but steady is not cut off', async (context) => {
    const { authority } = await listen(
        context,
        http.createServer((_, response) => {
            let rest = 8;
            const timer = setInterval(() => {
                response.write('x');
                if (--rest === 0) response.end(clearInterval(timer));
            }, 60);
        }),
    );
    const response = await client(context, authority)({ timeouts: { firstByte: 400, betweenBytes: 200 } }).response;
    assert.equal(await text(response), 'xxxxxxxx');
});

test('a server that takes its time is waited for', async (context) => {
    const { authority } = await listen(
        context,
        http.createServer((_, response) => void setTimeout(() => response.end('well'), 4500)),
    );
    assert.equal(await text(await client(context, authority)().response), 'well');
});

test('a server that takes the connection and never shakes hands', async (context) => {
    const { authority } = await listen(context, net.createServer());
    const { response } = client(context, authority)({ scheme: 'https:', timeouts: { connect: 100 } });
    assert.deepEqual(await code(response), { tag: 'connection-timeout' });
});

test('a host that no input names', async (context) => {
    const send = client(context, 'dev.azure.com:443');
    for (const authority of ['dev.azure.com:8443', 'evil.example', 'dev.azure.com.evil.example', '127.0.0.1']) {
        assert.deepEqual(await code(send({ authority, scheme: 'https:' }).response), { tag: 'HTTP-request-denied' });
    }
});

test('an IPv6 literal', async (context) => {
    const server = http.createServer((request, response) => void response.end(request.headers.host));
    const { authority } = await listen(context, server, '::1');
    assert.equal(await text(await client(context, authority)().response), authority);
});

test('what is wrong with TLS has a name', async (context) => {
    const server = https.createServer({ key: pem, cert: pem }, (_, response) => void response.end('well'));
    const { authority } = await listen(context, server);
    const untrusted = client(context, authority)({ scheme: 'https:' });
    assert.deepEqual(await code(untrusted.response), { tag: 'TLS-certificate-error' });
    const otherName = client(context, authority, { tls: { ca: pem } })({ scheme: 'https:' });
    assert.deepEqual(await code(otherName.response), { tag: 'TLS-certificate-error' });
    const unseen = client(context, authority, { tls: { rejectUnauthorized: false } })({ scheme: 'https:' });
    assert.equal(await text(await unseen.response), 'well');

    const plain = await listen(context, http.createServer((_, response) => void response.end()));
    const noTls = client(context, plain.authority)({ scheme: 'https:' });
    assert.deepEqual(await code(noTls.response), { tag: 'TLS-protocol-error' });
});

test("the agent's certificate is shown to a server that asks for one", async (context) => {
    const server = https.createServer(
        { key: pem, cert: pem, requestCert: true, rejectUnauthorized: false },
        ({ socket }, response) =>
            void response.end(/** @type {tls.TLSSocket} */ (socket).getPeerCertificate().subject?.CN ?? 'nobody'),
    );
    const { authority } = await listen(context, server);
    const secureContext = tls.createSecureContext({ key: pem, cert: pem });
    const send = client(context, authority, { tls: { secureContext, rejectUnauthorized: false } });
    assert.equal(await text(await send({ scheme: 'https:' }).response), 'lifeguard');
});

test('nobody listens, nobody has the name, somebody hangs up', async (context) => {
    const server = net.createServer();
    const { authority } = await listen(context, server);
    server.close();
    assert.deepEqual(await code(client(context, authority)().response), { tag: 'connection-refused' });

    const nowhere = await code(client(context, 'nowhere.invalid:80')().response);
    assert.equal(nowhere?.tag, 'DNS-error');

    const rude = await listen(context, net.createServer((socket) => void socket.once('data', () => socket.destroy())));
    assert.deepEqual(await code(client(context, rude.authority)().response), { tag: 'connection-terminated' });

    const odd = await listen(context, net.createServer((socket) => void socket.end('220 mail.example ESMTP\r\n')));
    assert.deepEqual(await code(client(context, odd.authority)().response), { tag: 'HTTP-protocol-error' });
});

test('one connection serves many requests, and none is kept at the end', async (context) => {
    const server = http.createServer((_, response) => void response.end('well'));
    const { authority, sockets } = await listen(context, server);
    const network = new Client({ hosts: [authority], proxy: () => undefined, tls: {}, debug() {} });
    const outgoing = { method: 'get', scheme: 'http:', authority, path: '/', headers: [], body: null, timeouts: {} };
    for (let count = 0; count < 5; count++) {
        await text(await network.send(/** @type {any} */ (outgoing)).response);
        await new Promise(setImmediate);
    }
    assert.equal(sockets.size, 1);
    network.close();
    const [socket] = sockets;
    if (!socket.destroyed) await once(socket, 'close');
});

test('a body goes as it is declared, and one that is given up ends the request', async (context) => {
    /** @type {(string | undefined)[]} */
    const seen = [];
    const server = http.createServer(async (request, response) => {
        seen.push(request.headers['content-length'], request.headers['transfer-encoding']);
        request.on('error', () => {});
        response.end(await text(request).catch(() => 'cut'));
    });
    const { authority } = await listen(context, server);
    const send = client(context, authority);
    const body = new PassThrough();
    const { response } = send({ method: 'post', body, headers: [['content-length', '4']] });
    body.end('body');
    assert.equal(await text(await response), 'body');
    assert.deepEqual(seen, ['4', undefined]);

    const dropped = new PassThrough();
    const given = send({ method: 'post', body: dropped, headers: [['content-length', '4']] });
    await once(server, 'request');
    dropped.destroy();
    assert.deepEqual(await code(given.response), { tag: 'connection-terminated' });
});

test('a request that is cancelled closes its connection', async (context) => {
    const { authority, sockets } = await listen(context, http.createServer(() => {}));
    const flight = client(context, authority)();
    while (sockets.size === 0) await new Promise(setImmediate);
    flight.cancel();
    assert.deepEqual(await code(flight.response), { tag: 'connection-terminated' });
    const [socket] = sockets;
    if (!socket.destroyed) await once(socket, 'close');
});

test('nothing is followed', async (context) => {
    const server = http.createServer((_, response) => void response.writeHead(302, { location: '/other' }).end());
    const { authority } = await listen(context, server);
    const response = await client(context, authority)().response;
    assert.equal(response.statusCode, 302);
    response.resume();
});
