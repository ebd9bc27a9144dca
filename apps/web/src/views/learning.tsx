import { heldOut, losses, speed } from '../state/lab.js';
import { HeatMap } from './heat-map.js';
import { LossChart } from './loss-chart.js';

/** Curves of the run, and where in the model the adapter grows. */
export function Learning() {
  const last = heldOut.value.at(-1);
  if (losses.value.length === 0 && !last) return null;
  return (
    <section aria-labelledby="learning">
      <h2 id="learning">Learning</h2>
      <LossChart />
      <p>
        <span class="key loss">training loss {losses.value.at(-1)?.loss.toFixed(3)}</span>{' '}
        <span class="key held" data-testid="held-out">
          held-out loss {last?.loss.toFixed(3)}
        </span>{' '}
        {speed.value !== undefined && `${speed.value.toFixed(0)} tokens/s`}
      </p>
      <HeatMap />
    </section>
  );
}
