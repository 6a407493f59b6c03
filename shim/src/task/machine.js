/** The agent's machine */

import { existsSync, readlinkSync, realpathSync } from 'node:fs';
import path from 'node:path';

/** @returns {import('./hand-over.js').Machine} */
export function thisMachine() {
    const { env: environment, platform } = process;
    return { environment, platform, folder: process.cwd(), exists: existsSync, follow };
}

/**
 * The component follows links within a folder, such as those that Kubernetes makes of a mounted secret, but none by a
 * whole path or out of the folder.
 * @param {string} file
 */
function follow(file) {
    try {
        const [link, real] = [readlinkSync(file), realpathSync(file)];
        const [up] = path.relative(realpathSync(path.dirname(file)), real).split(path.sep);
        return path.isAbsolute(link) || up === '..' ? real : file;
    } catch {
        // It is no link, or isn't there.
        return file;
    }
}
