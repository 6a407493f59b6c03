/** Starts the component's thread first: it loads while this one does. */

import { Component } from './host/thread.js';

const component = new Component();
// Is a file of its own in the built task (build.mjs).
const { run } = await import('./task.js');
await run(component);
