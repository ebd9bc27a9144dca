import { wasm } from '@lowrank/backend-wasm';
import type { Backend } from '@lowrank/core';
import { cpu } from './cpu.js';

/** The backends that every numeric test runs on. */
export const backends: Backend[] = [cpu(), wasm()];
