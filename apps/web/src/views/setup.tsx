import { busy, cost, failure, phase, rank, resume, send, started, steps, targets, text, train } from '../state/lab.js';

/** What to learn from, how large an adapter, what it costs, and the run's buttons. */
export function Setup() {
  return (
    <section aria-labelledby="setup">
      <h2 id="setup">Train</h2>
      <label for="text">Text or JSON Lines to learn from</label>
      <textarea
        id="text"
        rows={6}
        value={text.value}
        onInput={({ currentTarget }) => (text.value = currentTarget.value)}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          void take(event.dataTransfer?.files);
        }}
      />
      <label>
        or a file{' '}
        <input type="file" accept=".txt,.md,.jsonl" onChange={({ currentTarget }) => void take(currentTarget.files)} />
      </label>
      <div class="row">
        <label>
          Rank {rank}
          <input
            type="range"
            min={1}
            max={32}
            value={rank.value}
            onInput={({ currentTarget }) => (rank.value = currentTarget.valueAsNumber)}
          />
        </label>
        <label>
          Steps{' '}
          <input
            type="number"
            min={1}
            max={5000}
            value={steps.value}
            onInput={({ currentTarget }) => (steps.value = Math.max(1, Math.round(currentTarget.valueAsNumber || 1)))}
          />
        </label>
      </div>
      <fieldset class="row">
        <legend>Modules to adapt</legend>
        {started.value?.targets.map((name) => (
          <label key={name}>
            <input type="checkbox" checked={targets.value.includes(name)} onChange={() => toggle(name)} /> {name}
          </label>
        ))}
      </fieldset>
      <Costs />
      <div class="row">
        <button disabled={busy.value || text.value.trim() === '' || targets.value.length === 0} onClick={train}>
          Train
        </button>
        <button disabled={phase.value !== 'training'} onClick={() => send({ type: 'pause' })}>
          Pause
        </button>
        <button disabled={phase.value !== 'paused'} onClick={resume}>
          Resume
        </button>
      </div>
    </section>
  );
}

function Costs() {
  if (!cost.value) return null;
  const { parameters, share, memory, fileBytes, flops } = cost.value;
  const facts = [
    ['Trained parameters', `${parameters.toLocaleString('en')} (${(share * 100).toFixed(2)} %)`],
    ['Memory at a step', `${(memory / 2 ** 20).toFixed(0)} MiB`],
    ['Adapter file', `${(fileBytes / 1024).toFixed(0)} KiB`],
    ['Work of a step', `${(flops / 1e9).toFixed(1)} GFLOP`],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function toggle(name: string): void {
  const chosen = targets.value;
  targets.value = chosen.includes(name) ? chosen.filter((each) => each !== name) : [...chosen, name];
}

async function take(files: FileList | null | undefined): Promise<void> {
  const file = files?.[0];
  if (!file) return;
  try {
    text.value = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
    failure.value = undefined;
  } catch {
    failure.value = `${file.name} is not UTF-8 text: give a .txt, .md or .jsonl file.`;
  }
}
