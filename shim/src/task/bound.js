/** How long the component may take by its own bounds: when it is known to hang. */

import { BOUNDS } from './contract.js';

/** What comes on top: it starts, prints, and ends a little after its time */
const GRACE = 15_000;

/** Where it isn't understood; the component says so, and ends at once */
const UNKNOWN = 300_000;

/** Milliseconds of the component's units of time */
const UNITS = /** @type {const} */ ([
    [/^(ms|msec|millis.*)$/, 1],
    [/^(s|sec|secs|second|seconds)$/, 1000],
    [/^(m|min|mins|minute|minutes)$/, 60_000],
    [/^(h|hr|hrs|hour|hours)$/, 3_600_000],
    [/^(d|day|days)$/, 86_400_000],
]);

/**
 * @param {Record<string, string>} environment what the component is given
 * @param {import('./hand-over.js').Manifest} manifest
 * @returns {number} milliseconds
 */
export function bound(environment, manifest) {
    /** @param {string} name */
    const of = (name) => {
        const fallback = manifest.inputs.find((input) => input.name === name)?.defaultValue;
        return duration(environment[`INPUT_${name.toUpperCase()}`] ?? String(fallback ?? '')) ?? UNKNOWN;
    };
    const waits = environment.INPUT_COMMAND === BOUNDS.waiting;
    return of(BOUNDS.timeout) + (waits ? of(BOUNDS.deadline) : 0) + GRACE;
}

/**
 * `90s`, `30m`, `1h 30m`
 * @param {string} text
 */
export function duration(text) {
    const parts = [...text.matchAll(/(\d+)\s*([a-z]+)\s*/gy)];
    if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return undefined;
    let sum = 0;
    for (const [, number, unit] of parts) {
        const factor = UNITS.find(([pattern]) => pattern.test(unit))?.[1];
        if (factor === undefined) return undefined;
        sum += Number(number) * factor;
    }
    // A timer can't be set to more.
    return Math.min(sum, 0x3fffffff);
}
