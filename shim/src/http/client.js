/**
 * Outgoing HTTP: one request at a time by `node:https`, through the agent's proxy and with its certificates.
 *
 * It takes the place of preview2-shim's client, which knows neither proxy nor certificates nor IPv6 literals, whose
 * timeouts for the first byte and between bytes do nothing, and that has no name for what goes wrong with TLS.
 */

import http from 'node:http';
import https from 'node:https';
import net from 'node:net';

import { HttpsProxyAgent } from 'https-proxy-agent';

import { defaultPort } from '../task/hosts.js';
import { DENIED, failure, first, PROXY, TIMED_OUT } from './errors.js';

/**
 * @typedef {object} Network
 * @property {Iterable<string>} hosts who may be asked, as `host:port`
 * @property {(url: string) => URL | undefined} proxy the proxy for a URL, with its user and password
 * @property {https.AgentOptions} tls
 * @property {(text: string) => void} debug
 *
 * @typedef {object} Outgoing
 * @property {string} method
 * @property {string} scheme `http:` or `https:`
 * @property {string} authority
 * @property {string} path
 * @property {[string, string][]} headers
 * @property {import('node:stream').Readable | null} body
 * @property {{ connect?: number, firstByte?: number, betweenBytes?: number }} timeouts in milliseconds
 *
 * @typedef {{ response: Promise<http.IncomingMessage>, cancel: () => void }} Flight
 */

/** How long a connection is kept that isn't used: less than servers and firewalls keep it. */
const IDLE = 4000;

export class Client {
    #hosts;
    #network;
    #http = new http.Agent({ keepAlive: true, timeout: IDLE });
    #https;
    /** @type {Map<string, HttpsProxyAgent<string>>} */
    #proxies = new Map();

    /** @param {Network} network */
    constructor(network) {
        this.#network = network;
        this.#hosts = new Set(network.hosts);
        this.#https = new https.Agent({ keepAlive: true, timeout: IDLE, ...network.tls });
    }

    /**
     * @param {Outgoing} outgoing
     * @returns {Flight}
     */
    send({ method, scheme, authority, path, headers, body, timeouts }) {
        const url = new URL(`${scheme}//${authority}`);
        const [host, port] = [url.hostname.replace(/^\[|\]$/g, ''), url.port || defaultPort(scheme)];
        if (!this.#hosts.has(`${url.hostname}:${port}`)) {
            const error = failure(DENIED, `${url.hostname}:${port} is no host that an input names`);
            return { response: Promise.reject(error), cancel() {} };
        }
        // Plain http doesn't leave the machine's network segment, and no proxy leads there.
        const proxy = scheme === 'https:' ? this.#network.proxy(url.href) : undefined;
        const request = (scheme === 'https:' ? https : http).request({
            ...(scheme === 'https:' ? this.#network.tls : {}),
            agent: proxy ? this.#proxy(proxy) : scheme === 'https:' ? this.#https : this.#http,
            method: method.toUpperCase(),
            host,
            port,
            path,
            headers: { host: authority },
        });
        for (const [name, value] of headers) request.appendHeader(name, value);
        const response = this.#response(request, proxy, timeouts);
        response.catch((error) => {
            request.destroy();
            const { code = '', message } = first(error);
            this.#network.debug(`${method.toUpperCase()} ${url.origin}: ${code} ${message}`);
        });
        send(request, body);
        return { response, cancel: () => void request.destroy() };
    }

    /** Closes what is open, also what is under way. */
    close() {
        for (const agent of [this.#http, this.#https, ...this.#proxies.values()]) agent.destroy();
    }

    /**
     * @param {http.ClientRequest} request
     * @param {URL | undefined} proxy
     * @param {Outgoing['timeouts']} timeouts
     * @returns {Promise<http.IncomingMessage>}
     */
    #response(request, proxy, timeouts) {
        return new Promise((resolve, reject) => {
            // Until the proxy has let us through, an error is one of the way to it.
            let isOnTheWay = proxy !== undefined;
            /** @param {any} error */
            const fail = (error) => {
                clearTimeout(timer);
                reject(isOnTheWay ? throughProxy(proxy, error) : error);
            };
            /** @type {NodeJS.Timeout | undefined} */
            let timer;
            /** @param {keyof typeof TIMED_OUT} which */
            const within = (which) => {
                clearTimeout(timer);
                const time = timeouts[which];
                if (time === undefined) return;
                timer = setTimeout(() => fail(failure(TIMED_OUT[which], `timed out after ${time} ms`)), time);
            };
            within('connect');
            request.on('error', fail);
            request.once('close', () => fail(failure('ECONNRESET', 'closed without a response')));
            request.once('proxyConnect', ({ statusCode, statusText }) => {
                if (statusCode !== 200) fail(failure(PROXY, `${statusCode} ${statusText}`));
                isOnTheWay = false;
            });
            request.once('socket', (/** @type {net.Socket & { encrypted?: boolean }} */ socket) => {
                const isOpen = request.reusedSocket || (!socket.connecting && !socket.encrypted);
                if (isOpen) within('firstByte');
                else socket.once(socket.encrypted ? 'secureConnect' : 'connect', () => within('firstByte'));
            });
            request.once('response', (response) => {
                clearTimeout(timer);
                guardBody(response, timeouts.betweenBytes);
                resolve(response);
            });
        });
    }

    /** @param {URL} proxy */
    #proxy(proxy) {
        const agent = this.#proxies.get(proxy.href) ?? new HttpsProxyAgent(proxy, { keepAlive: true, ...this.#network.tls });
        this.#proxies.set(proxy.href, agent);
        return agent;
    }
}

/** @param {http.ClientRequest} request @param {Outgoing['body']} body */
function send(request, body) {
    if (body === null) return void request.end();
    request.flushHeaders();
    body.pipe(request);
    // A body that is given up is none that ended.
    body.once('close', () => {
        if (!body.readableEnded) request.destroy(failure('ECONNABORTED', 'the request was given up'));
    });
}

/** @param {http.IncomingMessage} response @param {number | undefined} time */
function guardBody(response, time) {
    // An error is kept in `errored`, where the one that reads looks.
    response.on('error', () => {});
    if (time === undefined) return;
    const timer = setTimeout(() => {
        // The server isn't at fault where nobody takes what it has sent.
        if (response.readableLength > 0) timer.refresh();
        else response.destroy(failure(TIMED_OUT.betweenBytes, `nothing came for ${time} ms`));
    }, time);
    response.prependListener('readable', () => timer.refresh());
    response.once('close', () => clearTimeout(timer));
}

/** @param {URL | undefined} proxy @param {any} error */
function throughProxy(proxy, error) {
    return failure(PROXY, `the proxy ${proxy?.origin} doesn't let through: ${first(error).message}`);
}
