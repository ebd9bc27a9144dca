import simd from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.wasm?url';
import plain from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.wasm?url';
import { wasm } from '@lowrank/backend-wasm';
import { useBackend } from '@lowrank/core';
import type { BackendName, Started } from '../messages.js';

/** Starts the backend that was asked for. Throws `backend-unavailable`. */
export async function startBackend(
  name: BackendName,
): Promise<Pick<Started, 'backend' | 'threads' | 'oneThreadBecause'>> {
  if (name === 'webgpu') {
    const { webgpu } = await import('@lowrank/backend-webgpu');
    await useBackend(webgpu());
    return { backend: name, threads: 1 };
  }
  const wasmPaths = {
    'tfjs-backend-wasm.wasm': absolute(plain),
    'tfjs-backend-wasm-simd.wasm': absolute(simd),
    'tfjs-backend-wasm-threaded-simd.wasm': absolute(threaded),
  };
  const backend = wasm({ wasmPaths });
  await useBackend(backend);
  const { threads, oneThreadBecause } = backend.capabilities();
  return { backend: name, threads, oneThreadBecause };
}

/** Threads run from a blob, from where a relative path leads nowhere. */
const absolute = (url: string) => new URL(url, import.meta.url).href;
