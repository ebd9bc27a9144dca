import { signal } from '@preact/signals';
import type { BackendName } from '../messages.js';
import { phase, start, started } from '../state/lab.js';

const choice = signal<BackendName>('gpu' in navigator ? 'webgpu' : 'wasm');

/** Where to compute, and what is missing for it to be fast. */
export function Model() {
  const running = started.value;
  return (
    <section aria-labelledby="model">
      <h2 id="model">Model</h2>
      <p>tiny-base: a Llama of 3.5 million parameters that comes with this page (7 MB).</p>
      {!('gpu' in navigator) && <p class="notice">This browser has no WebGPU: training runs on wasm.</p>}
      {!globalThis.crossOriginIsolated && (
        <p class="notice">This page is not cross-origin isolated: wasm has one thread, and is slower.</p>
      )}
      {running ? (
        <p>
          Running on {running.backend}
          {running.backend === 'wasm' && `, ${running.threads} thread${running.threads === 1 ? '' : 's'}`}.{' '}
          {running.oneThreadBecause}
        </p>
      ) : (
        <div class="row">
          <label>
            Compute on{' '}
            <select
              value={choice.value}
              onChange={({ currentTarget }) => (choice.value = currentTarget.value as BackendName)}
            >
              {'gpu' in navigator && <option value="webgpu">WebGPU</option>}
              <option value="wasm">wasm</option>
            </select>
          </label>
          <button disabled={phase.value === 'loading'} onClick={() => start(choice.value)}>
            Load the model
          </button>
        </div>
      )}
    </section>
  );
}
