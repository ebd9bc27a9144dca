import { wasm } from '@lowrank/backend-wasm';
import type { Backend } from '@lowrank/core';
import { cpu } from './cpu.js';

/** The backends that every numeric test runs on; the default one alone on what is built, where only the bundling is new. */
export const backends: Backend[] = process.env['TEST_BUILT'] ? [wasm()] : [cpu(), wasm()];
