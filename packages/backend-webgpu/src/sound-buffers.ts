import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { Faults } from './faults.js';

type Pool = WebGPUBackend['bufferManager'];

/** Keeps buffers that a fault may have spoiled from being handed out again: a device refuses all work on such a one. */
export function keepSound(pool: Pool, faults: Faults): void {
  const acquire = pool.acquireBuffer.bind(pool);
  const release = pool.releaseBuffer.bind(pool);
  pool.acquireBuffer = (...wanted) => {
    let buffer = acquire(...wanted);
    while (faults.of(buffer)) {
      release(buffer, false);
      buffer = acquire(...wanted);
    }
    if (!faults.knows(buffer)) faults.bear(buffer);
    return buffer;
  };
  pool.releaseBuffer = (buffer, reuse = true) => release(buffer, reuse && !faults.of(buffer));
}
