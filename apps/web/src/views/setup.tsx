import { useEffect } from 'preact/hooks';
import { learningRate, rank, steps, targets, text } from '../state/choices.js';
import { busy, cost, phase, resume, send, started, train } from '../state/lab.js';
import { duration } from '../state/time-left.js';
import { Data } from './data.js';
import { plotLibrary } from './loss-chart.js';

/** What to learn from, how large an adapter, what it costs, and the run's buttons. */
export function Setup() {
  useEffect(() => void plotLibrary(), []);
  const ready = text.value.trim() !== '' && targets.value.length > 0;
  return (
    <section aria-labelledby="setup">
      <h2 id="setup">Train</h2>
      <Data />
      <div class="row">
        <label>
          Rank {rank}
          <input
            type="range"
            min={1}
            max={64}
            value={rank.value}
            onInput={({ currentTarget }) => (rank.value = currentTarget.valueAsNumber)}
          />
        </label>
        <label>
          Steps{' '}
          <input
            type="number"
            min={1}
            max={100000}
            value={steps.value}
            onInput={({ currentTarget }) => (steps.value = Math.max(1, Math.round(currentTarget.valueAsNumber || 1)))}
          />
        </label>
        <label>
          Learning rate{' '}
          <input
            type="number"
            min={0}
            step="any"
            value={learningRate.value}
            onInput={({ currentTarget: { valueAsNumber } }) => {
              if (valueAsNumber > 0) learningRate.value = valueAsNumber;
            }}
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
        <button disabled={busy.value || !ready} onClick={train}>
          Train
        </button>
        <button disabled={phase.value !== 'training'} onClick={() => send({ type: 'pause' })}>
          Pause
        </button>
        <button disabled={phase.value !== 'paused'} onClick={resume}>
          Resume
        </button>
        {!ready && (
          <span class="notice">{text.value.trim() === '' ? 'Give some text first.' : 'Choose a module.'}</span>
        )}
      </div>
    </section>
  );
}

function Costs() {
  if (!cost.value) return null;
  const { parameters, share, memory, fileBytes, seconds } = cost.value;
  const facts = [
    ['Trained parameters', `${parameters.toLocaleString('en')} (${(share * 100).toFixed(2)} %)`],
    ['Memory at a step', `${(memory / 2 ** 20).toFixed(0)} MiB`],
    ['Adapter file', `${(fileBytes / 1024).toFixed(0)} KiB`],
    ['Time on this device', `${duration(seconds)} a step, ${duration(seconds * steps.value)} in all`],
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
