import { adapters, busy, send } from '../state/lab.js';
import { FileField } from './file-field.js';

/** The adapters on the model: their weights, merging, files in and out. */
export function Adapters() {
  const { weights, merged, speeds } = adapters.value;
  const names = Object.keys(weights);
  const acting = Object.values(weights).some((weight) => weight !== 0);
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
      {names.length > 0 && (
        <div class="row">
          <button
            disabled={busy.value || !acting}
            aria-pressed={merged}
            onClick={() => send({ type: 'merge', merged: !merged })}
          >
            {merged ? 'Unmerge' : 'Merge'}
          </button>
          {speeds && (
            <p data-testid="speeds" aria-live="polite">
              {speeds.apart.toFixed(0)} tokens/s apart, {speeds.merged.toFixed(0)} tokens/s merged
            </p>
          )}
        </div>
      )}
      <FileField disabled={busy.value} onFiles={(files) => send({ type: 'add', files })}>
        Add a PEFT adapter: drop its folder or a zip, or pick adapter_config.json and adapter_model.safetensors
      </FileField>
    </section>
  );
}
