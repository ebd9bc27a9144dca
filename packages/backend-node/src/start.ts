import { engine, setBackend } from '@tensorflow/tfjs-core';
import { availableParallelism } from 'node:os';
import { withEnvironment } from './environment.js';
import { install } from './install.js';
import { loadTfjsNode } from './load.js';
import { shimNode } from './node-shim.js';
import { tensorflow } from './tensorflow.js';

export interface Started {
  /** Threads in TensorFlow's pool. */
  threads: number;
  version?: string;
  oneDnn: boolean;
}

let running: Started | undefined;

/**
 * Starts TensorFlow, once a process, and leaves the active backend what it is. A tfjs-node that the program loaded
 * itself is taken as it is. Throws `backend-unavailable`.
 */
export async function start(threads: number | undefined): Promise<Started> {
  if (running) return running;
  shimNode();
  const loaded = engine().registry['tensorflow'] !== undefined;
  const settings = loaded ? readSettings() : settingsFor(threads);
  if (!loaded) {
    const active = engine().backendName;
    withEnvironment(settings, loadTfjsNode);
    if (active) await setBackend(active); // tfjs-node selects itself
  }
  if (running) return running; // another start, while this one waited
  install();
  running = {
    threads: Number(settings.TF_NUM_INTRAOP_THREADS) || availableParallelism(),
    version: `TensorFlow ${tensorflow().binding.TF_Version}`,
    oneDnn: settings.TF_ENABLE_ONEDNN_OPTS !== '0',
  };
  return running;
}

/** What TensorFlow reads from the environment, once, as it loads. */
interface Settings {
  [name: string]: string | undefined;
  TF_CPP_MIN_LOG_LEVEL?: string | undefined;
  TF_ENABLE_ONEDNN_OPTS?: string | undefined;
  TF_NUM_INTRAOP_THREADS?: string | undefined;
}

function readSettings(): Settings {
  return process.env;
}

/** What the user set in the environment wins, but for an explicit option. */
function settingsFor(threads: number | undefined): Settings {
  const { TF_CPP_MIN_LOG_LEVEL, TF_ENABLE_ONEDNN_OPTS, TF_NUM_INTRAOP_THREADS } = process.env;
  return {
    TF_CPP_MIN_LOG_LEVEL: TF_CPP_MIN_LOG_LEVEL ?? '2', // what it notes as it starts is no error
    TF_ENABLE_ONEDNN_OPTS: TF_ENABLE_ONEDNN_OPTS ?? '1', // by itself only on processors that it knows
    TF_NUM_INTRAOP_THREADS: threads === undefined ? TF_NUM_INTRAOP_THREADS : String(threads),
    ...(threads !== undefined && { OMP_NUM_THREADS: String(threads) }),
  };
}
