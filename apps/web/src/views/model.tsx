import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { BackendName, ModelChoice } from '../messages.js';
import { busy, close, failure, phase, start, started } from '../state/lab.js';
import { FileField } from './file-field.js';

const webgpu = signal('gpu' in navigator);
const backend = signal<BackendName>(webgpu.value ? 'webgpu' : 'wasm');
const from = signal<ModelChoice['from']>('page');
const id = signal('HuggingFaceTB/SmolLM2-135M-Instruct');
const picked = signal<{ name: string; files: File[] } | undefined>(undefined);

const sources: Record<ModelChoice['from'], string> = {
  page: 'tiny-base: a Llama of 3.5 million parameters that comes with this page (7 MB)',
  hub: 'a model of the Hugging Face hub',
  disk: 'a model on your disk',
};

/** Which model, where to compute, and what is missing for it to be fast. */
export function Model() {
  useEffect(() => void lookForCard(), []);
  return (
    <section aria-labelledby="model">
      <h2 id="model">Model</h2>
      {started.value ? <Running /> : <Choice />}
      {!webgpu.value && <p class="notice">This browser has no WebGPU, or no card for it: training runs on wasm.</p>}
      {!globalThis.crossOriginIsolated && (
        <p class="notice">This page is not cross-origin isolated: wasm has one thread, and is slower.</p>
      )}
    </section>
  );
}

/** A browser may know WebGPU and have no adapter to compute on. */
async function lookForCard(): Promise<void> {
  if (!webgpu.value || (await navigator.gpu.requestAdapter().catch(() => null))) return;
  webgpu.value = false;
  backend.value = 'wasm';
}

function Running() {
  const { model, backend: name, threads, oneThreadBecause } = started.value!;
  return (
    <>
      <p>
        {model.name}, {(model.parameters / 1e6).toFixed(1)} million parameters, on {name}
        {name === 'wasm' && `, ${threads} thread${threads === 1 ? '' : 's'}`}. {oneThreadBecause}
      </p>
      <button class="quiet" disabled={busy.value} onClick={close}>
        Choose another model
      </button>
    </>
  );
}

function Choice() {
  const loading = phase.value === 'loading';
  return (
    <>
      <fieldset disabled={loading}>
        <legend>Fine-tune</legend>
        {(Object.keys(sources) as ModelChoice['from'][]).map((each) => (
          <label class="line" key={each}>
            <input type="radio" name="from" checked={from.value === each} onChange={() => (from.value = each)} />{' '}
            {sources[each]}
          </label>
        ))}
        {from.value === 'hub' && (
          <label class="line">
            owner/name, or owner/name/file.gguf{' '}
            <input
              value={id.value}
              size={40}
              onInput={({ currentTarget }) => (id.value = currentTarget.value.trim())}
            />
          </label>
        )}
        {from.value === 'disk' && (
          <FileField
            onFiles={(files, name) => (picked.value = { name: name ?? files[0]!.name.replace(/\.gguf$/i, ''), files })}
          >
            {picked.value ? `${picked.value.name}: ${picked.value.files.length} files. ` : ''}
            Drop its folder, or pick its files: config.json, tokenizer.json, model.safetensors, or one .gguf
          </FileField>
        )}
      </fieldset>
      <div class="row">
        <label>
          Compute on{' '}
          <select
            value={backend.value}
            disabled={loading}
            onChange={({ currentTarget }) => (backend.value = currentTarget.value as BackendName)}
          >
            {webgpu.value && <option value="webgpu">WebGPU</option>}
            <option value="wasm">wasm</option>
          </select>
        </label>
        <button disabled={loading} onClick={load}>
          Load the model
        </button>
        {loading && (
          <button class="quiet" onClick={close}>
            Cancel
          </button>
        )}
      </div>
    </>
  );
}

function load(): void {
  if (from.value === 'page') start(backend.value, { from: 'page' });
  else if (from.value === 'hub') start(backend.value, { from: 'hub', id: id.value });
  else if (picked.value) start(backend.value, { from: 'disk', ...picked.value });
  else failure.value = 'No files yet: drop the model’s folder, or pick its files.';
}
