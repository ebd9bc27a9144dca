import type { StartedBackend } from '../inputs/backend.js';

/** A running backend for people: `wasm, 2 threads`. */
export function backendText({ name, threads, version, device }: StartedBackend): string {
  if (device) return [name, device].join(', ');
  return [name, version, `${threads} thread${threads === 1 ? '' : 's'}`].filter(Boolean).join(', ');
}
