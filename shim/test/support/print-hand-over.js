/** Prints what would be handed over in this environment, as JSON after a line of its own. */

import { readFileSync } from 'node:fs';

import task from 'azure-pipelines-task-lib/task.js';

import { handOver } from '../../src/task/hand-over.js';
import { thisMachine } from '../../src/task/machine.js';

const manifest = JSON.parse(readFileSync(new URL('../../../task.json', import.meta.url), 'utf8'));
const given = handOver(task, manifest, thisMachine());
const shown = JSON.stringify(given, (_, value) => (value instanceof RegExp ? value.source : value));
console.log(`\n=====\n${shown}`);
