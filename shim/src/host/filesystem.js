/** preview2-shim's files, but only those that were handed over. */

import { createFilesystem } from '../../node_modules/@bytecodealliance/preview2-shim/dist/nodejs/filesystem.js';

/** @typedef {import('../task/folders.js').Folder} Folder */

/** What is asked of a folder about a name in it, and which of the parameters are names */
const READING = { statAt: [1], metadataHashAt: [1], openAt: [1] };
const WRITING = { renameAt: [0, 2], unlinkFileAt: [0] };
const NEVER = [
    'createDirectoryAt',
    'linkAt',
    'readDirectory',
    'readlinkAt',
    'removeDirectoryAt',
    'setTimesAt',
    'symlinkAt',
];

/** @param {Folder[]} folders */
export function filesystem(folders) {
    const { types, preopens } = createFilesystem({
        preopens: Object.fromEntries(folders.map(({ guest, host }) => [guest, host])),
    });
    const entries = preopens.getDirectories();
    for (const [index, folder] of folders.entries()) guard(entries[index][0], folder);
    return { types, preopens: { getDirectories: () => entries } };
}

/**
 * @param {any} descriptor
 * @param {Folder} folder
 */
function guard(descriptor, { read, written }) {
    /** @param {string} name */
    const isWritten = (name) => written.some((pattern) => pattern.test(name));
    /** @param {string} name */
    const isRead = (name) => isWritten(name) || read.some((pattern) => pattern.test(name));

    /** @param {Record<string, number[]>} methods @param {(name: string) => boolean} isAllowed */
    const restrict = (methods, isAllowed) => {
        for (const [method, places] of Object.entries(methods)) {
            const original = descriptor[method].bind(descriptor);
            descriptor[method] = (/** @type {any[]} */ ...parameters) => {
                if (!places.every((place) => isAllowed(parameters[place]))) throw 'not-permitted';
                return original(...parameters);
            };
        }
    };
    restrict(READING, isRead);
    restrict(WRITING, isWritten);
    const { openAt } = descriptor;
    /** @param {any} follow @param {string} name @param {any} how @param {any} flags */
    descriptor.openAt = (follow, name, how, flags) => {
        if ((how.create || how.truncate || flags.write) && !isWritten(name)) throw 'read-only';
        // wasi-libc asks for all that a folder might be opened for; the shim refuses this part of it, for files too.
        return openAt(follow, name, how, { ...flags, mutateDirectory: false });
    };
    for (const method of NEVER) {
        descriptor[method] = () => {
            throw 'not-permitted';
        };
    }
}
