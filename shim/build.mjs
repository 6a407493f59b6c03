/**
 * Builds the task: `node build.mjs [FOLDER [COMPONENT]]`
 *
 * The component is transpiled by jco, and bundled with preview2-shim, of which two modules are replaced by our own and
 * some lines are patched. There is no `node_modules` in the result.
 */

import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { transpileBytes } from '@bytecodealliance/jco-transpile';
import { applyPatch, parsePatch } from 'diff';
import { build } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const folder = path.resolve(process.argv[2] ?? path.join(here, '../target/task'));
const source = path.resolve(process.argv[3] ?? path.join(here, '../target/lifeguard.wasm'));

const SHIM = path.join(here, 'node_modules/@bytecodealliance/preview2-shim/dist');
const PATCH = path.join(here, 'patches/preview2-shim-0.26.1.patch');

/** preview2-shim's modules that ours take the place of */
const REPLACED = new Map([
    [path.join(SHIM, 'synckit/index.js'), path.join(here, 'src/host/channel.js')],
    [path.join(SHIM, 'io/worker-http.js'), path.join(here, 'src/http/outgoing.js')],
    [path.join(SHIM, 'io/worker-sockets.js'), path.join(here, 'src/host/no-sockets.js')],
    [path.join(SHIM, 'io/worker-socket-tcp.js'), path.join(here, 'src/host/no-sockets.js')],
    [path.join(SHIM, 'io/worker-socket-udp.js'), path.join(here, 'src/host/no-sockets.js')],
]);

/** @param {string} transpiled */
function plugin(transpiled) {
    /** @type {import('esbuild').Plugin} */
    const plugin = {
        name: 'lifeguard',
        async setup({ onResolve, onLoad }) {
            const patches = parsePatch(await readFile(PATCH, 'utf8'));
            // Imported as a module it gives all that it has, and so loads Node's WebSocket too; `require` is lazy.
            onResolve({ filter: /^(?:node:)?http$/ }, ({ kind }) =>
                kind === 'import-statement' ? { path: 'http', namespace: 'lazy' } : undefined,
            );
            onLoad({ filter: /.*/, namespace: 'lazy' }, () => ({ contents: "module.exports = require('node:http');" }));
            onResolve({ filter: /^lifeguard:component$/ }, () => ({ path: 'component', namespace: 'lifeguard' }));
            onLoad({ filter: /.*/, namespace: 'lifeguard' }, () => ({ contents: transpiled }));
            onResolve({ filter: /^\.\/task\.js$/ }, ({ kind }) =>
                kind === 'dynamic-import' ? { path: './task.mjs', external: true } : undefined,
            );
            onResolve({ filter: /^\./ }, ({ path: name, resolveDir }) => {
                const replaced = REPLACED.get(path.resolve(resolveDir, name));
                return replaced ? { path: replaced } : undefined;
            });
            for (const patch of patches) {
                const file = path.join(here, 'node_modules/@bytecodealliance/preview2-shim', (patch.newFileName ?? '').replace(/^b\//, ''));
                const contents = applyPatch(await readFile(file, 'utf8'), patch);
                if (contents === false) throw new Error(`${PATCH} doesn't fit ${file}`);
                const name = path.basename(file).replaceAll('.', '\\.');
                onLoad({ filter: new RegExp(`${name}$`) }, (args) => (args.path === file ? { contents } : undefined));
            }
        },
    };
    return plugin;
}

const { files } = await transpileBytes(await readFile(source), {
    name: 'lifeguard',
    instantiation: 'sync',
});
/** @param {string} name */
const transpiled = (name) => files[name] ?? fail(name);
/** @param {string} name @returns {never} */
function fail(name) {
    throw new Error(`jco has made no ${name}, but ${Object.keys(files).join(', ')}`);
}

await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
const { metafile } = await build({
    entryPoints: {
        main: path.join(here, 'src/main.js'),
        task: path.join(here, 'src/task.js'),
        component: path.join(here, 'src/host/component.js'),
    },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    minify: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    // Packages that are CommonJS ask for these.
    banner: {
        js: `import { createRequire as makeRequire } from 'node:module';
import { fileURLToPath as pathOf } from 'node:url';
const require = makeRequire(import.meta.url);
const __filename = pathOf(import.meta.url);
const __dirname = pathOf(new URL('.', import.meta.url));`,
    },
    plugins: [plugin(Buffer.from(transpiled('lifeguard.js')).toString())],
});
for (const [name, contents] of Object.entries(files)) {
    if (name.endsWith('.wasm')) await writeFile(path.join(folder, name), contents);
}
await writeFile(path.join(folder, 'THIRD-PARTY-NOTICES.txt'), await notices(Object.keys(metafile.inputs)));
await writeFile(path.join(folder, 'package.json'), '{ "type": "module" }\n');
await cp(path.join(here, '../task.json'), path.join(folder, 'task.json'));

/**
 * The licences of the packages that are in the bundle
 * @param {string[]} inputs files
 */
async function notices(inputs) {
    const roots = inputs.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []);
    // jco's output is in no file, but it is jco's.
    const jco = path.join(here, 'node_modules/@bytecodealliance/jco-transpile');
    const packages = [...new Set([...roots.map((root) => path.resolve(root)), jco])].sort();
    const texts = packages.map(async (root) => {
        const { name, version, license } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
        const file = (await readdir(root)).find((name) => /^licen[cs]e/i.test(name));
        const text = file ? await readFile(path.join(root, file), 'utf8') : '';
        return `${name} ${version}, ${license}\n\n${text.trim()}\n`;
    });
    return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`);
}
