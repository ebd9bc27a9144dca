import { adapters, busy, failure, send } from '../state/lab.js';

/** The adapters on the model: their weights, merging, files in and out. */
export function Adapters() {
  const { weights, merged } = adapters.value;
  const names = Object.keys(weights);
  return (
    <section aria-labelledby="adapters">
      <h2 id="adapters">Adapters</h2>
      {names.length === 0 && <p>None yet: train one, or add a PEFT folder.</p>}
      {names.map((name) => (
        <div class="row" key={name}>
          <label>
            {name}, weight {weights[name]!.toFixed(2)}
            <input
              type="range"
              min={-1}
              max={2}
              step={0.05}
              value={weights[name]}
              disabled={busy.value}
              onChange={({ currentTarget }) =>
                send({ type: 'weigh', weights: { [name]: currentTarget.valueAsNumber } })
              }
            />
          </label>
          {(['peft', 'gguf'] as const).map((format) => (
            <button key={format} disabled={busy.value} onClick={() => send({ type: 'download', name, format })}>
              Download {name} ({format === 'peft' ? 'PEFT' : 'GGUF'})
            </button>
          ))}
        </div>
      ))}
      <div class="row">
        {names.length > 0 && (
          <button disabled={busy.value} aria-pressed={merged} onClick={() => send({ type: 'merge', merged: !merged })}>
            {merged ? 'Unmerge' : 'Merge'}
          </button>
        )}
        <label>
          Add a PEFT adapter: adapter_config.json and adapter_model.safetensors{' '}
          <input
            type="file"
            multiple
            disabled={busy.value}
            onChange={({ currentTarget }) => {
              void add(currentTarget.files, names).catch((error: Error) => (failure.value = error.message));
              currentTarget.value = '';
            }}
          />
        </label>
      </div>
    </section>
  );
}

async function add(files: FileList | null, taken: string[]): Promise<void> {
  const chosen = Array.from(files ?? []);
  const read = chosen.map(async (file) => [file.name, new Uint8Array(await file.arrayBuffer())] as const);
  const number = taken.filter((name) => name.startsWith('added')).length + 1;
  send({ type: 'add', name: `added-${number}`, files: new Map(await Promise.all(read)) });
}
