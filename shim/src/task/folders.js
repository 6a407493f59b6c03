/** Which files the component sees: those that are named, each by the path that it has on this machine. */

import path from 'node:path';

import { ARC, TEMPORARY } from './contract.js';

/**
 * A folder, and which of its files may be opened
 * @typedef {object} Folder
 * @property {string} host where it is
 * @property {string} guest the same for the component, which knows no `\`
 * @property {RegExp[]} read
 * @property {RegExp[]} written
 */

/** The rest of a file's name */
const ANY = '[^\\\\/]*';

export class Folders {
    /** @type {Map<string, Folder>} */
    #folders = new Map();
    #machine;
    #path;

    /** @param {import('./hand-over.js').Machine} machine */
    constructor(machine) {
        this.#machine = machine;
        this.#path = machine.platform === 'win32' ? path.win32 : path.posix;
    }

    /** A file to read; gives its path for the component. @param {string} file */
    read(file) {
        const { folder, name, guest } = this.#locate(file);
        folder.read.push(new RegExp(`^${escape(name)}$`));
        return guest;
    }

    /** A file to write, which is first written under a name that goes on; gives its path for the component. @param {string} file */
    write(file) {
        const { folder, name, guest } = this.#locate(file);
        folder.written.push(new RegExp(`^${escape(name)}(\\.${ANY})?$`));
        return guest;
    }

    /** The agent's folder of files that go with the job. @param {string | undefined} host */
    temporary(host) {
        if (!host) return undefined;
        const folder = this.#folder(this.#path.resolve(host));
        folder.written.push(new RegExp(`^${escape(TEMPORARY.prefix)}${ANY}$`));
        return folder.guest;
    }

    /** What Azure Arc's agent shows itself and challenges by */
    ofMachine() {
        if (this.#machine.platform === 'win32' || !this.#machine.exists(ARC.program)) return;
        this.read(ARC.program);
        this.#folder(ARC.challenges).read.push(new RegExp(`^${ANY}\\.key$`));
    }

    all() {
        return [...this.#folders.values()];
    }

    /** @param {string} file */
    #locate(file) {
        const whole = this.#machine.follow(this.#path.resolve(this.#machine.folder, file));
        // A slash at the end is an error for the component to find.
        const guest = this.#guest(whole) + (/[\\/]$/.test(file) ? '/' : '');
        return { folder: this.#folder(this.#path.dirname(whole)), name: this.#path.basename(whole), guest };
    }

    /** @param {string} host */
    #folder(host) {
        const folder = this.#folders.get(host) ?? { host, guest: this.#guest(host), read: [], written: [] };
        this.#folders.set(host, folder);
        return folder;
    }

    /** @param {string} host */
    #guest(host) {
        return this.#machine.platform === 'win32' ? host.replaceAll('\\', '/') : host;
    }
}

/** @param {string} name */
function escape(name) {
    return name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
