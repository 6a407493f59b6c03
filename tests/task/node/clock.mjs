// Loaded before the task (`node --import`): time stands still at LIFEGUARD_NOW in each of its threads, as it does in
// the project's own host, so that both print the same.

import { syncBuiltinESMExports } from "node:module";
import threads from "node:worker_threads";

const now = Date.parse(process.env.LIFEGUARD_NOW);
Date.now = () => now;

const { Worker } = threads;
const execArgv = ["--import", `data:text/javascript,Date.now = () => ${now};`];
threads.Worker = class extends Worker {
    constructor(file, options) {
        super(file, { ...options, execArgv });
    }
};
syncBuiltinESMExports();
