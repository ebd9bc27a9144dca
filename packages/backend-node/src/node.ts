import { LowrankError, type Backend, type Capabilities } from '@lowrank/core';
import { kernels } from './kernels/kernels.js';
import { start, type Started } from './start.js';

export interface NodeOptions {
  /** Processor threads; every core when left out. The first start of TensorFlow in a process decides. */
  threads?: number;
}

export interface NodeCapabilities extends Capabilities {
  /** TensorFlow's own, such as `TensorFlow 2.18.0`; nothing before `init`. */
  version?: string;
  /** Whether products go through oneDNN, which rounds a little differently: `TF_ENABLE_ONEDNN_OPTS=0` turns it off. */
  oneDnn: boolean;
}

export interface Node extends Backend {
  capabilities(): NodeCapabilities;
}

/**
 * The backend for native speed in Node: TensorFlow through the optional peer `@tensorflow/tfjs-node`. tfjs calls it
 * `tensorflow`, and so does `name`. `init` throws `backend-unavailable` with what to install where it is not there.
 */
export function node({ threads }: NodeOptions = {}): Node {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
    throw new LowrankError('config-invalid', {
      given: `threads: ${threads}`,
      rule: 'it must be a whole number from 1 on',
      fix: 'leave it out to use every core',
    });
  }
  let started: Started = { threads: 1, oneDnn: false };
  return {
    name: 'tensorflow',
    async init() {
      started = await start(threads);
    },
    capabilities: () => started,
    kernels,
  };
}
