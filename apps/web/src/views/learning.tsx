import { heat, heldOut, losses, speed } from '../state/lab.js';
import type { Heat, Point } from '../messages.js';

const [width, height] = [600, 200];

/** Curves of the run, and where in the model the adapter grows. */
export function Learning() {
  const last = heldOut.value.at(-1);
  if (losses.value.length === 0 && !last) return null;
  return (
    <section aria-labelledby="learning">
      <h2 id="learning">Learning</h2>
      <Curves />
      <p>
        <span class="key loss">training loss {losses.value.at(-1)?.loss.toFixed(3)}</span>{' '}
        <span class="key held" data-testid="held-out">
          held-out loss {last?.loss.toFixed(3)}
        </span>{' '}
        {speed.value && `${speed.value.toFixed(0)} tokens/s`}
      </p>
      <HeatMap />
    </section>
  );
}

function Curves() {
  const all = [...losses.value, ...heldOut.value];
  const most = Math.max(1, ...all.map(({ step }) => step));
  const [low, high] = [Math.min(...all.map(({ loss }) => loss)), Math.max(...all.map(({ loss }) => loss))];
  const line = (points: Point[]) =>
    points
      .map(({ step, loss }) => {
        const x = (step / most) * (width - 10) + 5;
        const y = height - 5 - ((loss - low) / (high - low || 1)) * (height - 10);
        return `${x.toFixed(1)},${y.toFixed(1)}`;
      })
      .join(' ');
  const label = `Loss from ${high.toFixed(2)} to ${low.toFixed(2)} over ${most} steps`;
  return (
    <svg class="curves" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      <polyline class="loss" points={line(losses.value)} />
      <polyline class="held" points={line(heldOut.value)} />
    </svg>
  );
}

function HeatMap() {
  const modules = heat.value;
  if (modules.length === 0) return null;
  const top = Math.max(...modules.map(({ norm }) => norm), 1e-12);
  return (
    <details open>
      <summary>Where the adapter grows</summary>
      <div class="scroll" tabIndex={0} role="region" aria-label="Norm and effective rank by module">
        <table>
          <thead>
            <tr>
              <th scope="col">Module</th>
              <th scope="col">Norm</th>
              <th scope="col">Effective rank</th>
            </tr>
          </thead>
          <tbody>
            {modules.map((module) => (
              <Row key={module.path} module={module} top={top} />
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function Row({ module: { path, norm, effectiveRank }, top }: { module: Heat; top: number }) {
  return (
    <tr>
      <th scope="row">{path}</th>
      <td class="heat" style={{ '--heat': `${Math.round((norm / top) * 30)}%` }}>
        {norm.toFixed(3)}
      </td>
      <td>{effectiveRank.toFixed(1)}</td>
    </tr>
  );
}
