import { useEffect, useRef, useState } from 'preact/hooks';
import { heldOut, losses } from '../state/lab.js';

/** Milliseconds between two drawings: steps may come faster than eyes follow. */
const rest = 250;

/** What draws. It is large, so it comes apart from the page, and is asked for before a run: reading it takes a moment. */
export const plotLibrary = () => import('@observablehq/plot');

/** The run's losses over its steps. */
export function LossChart() {
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef(0);
  const [width, setWidth] = useState(720);
  const [steps, held] = [losses.value, heldOut.value];
  useEffect(() => {
    const watcher = new ResizeObserver(([entry]) => setWidth(Math.round(entry!.contentRect.width)));
    watcher.observe(place.current!);
    return () => watcher.disconnect();
  }, []);
  useEffect(() => {
    const wait = Math.max(0, drawn.current + rest - performance.now());
    const timer = setTimeout(async () => {
      const Plot = await plotLibrary();
      drawn.current = performance.now();
      const chart = Plot.plot({
        width,
        height: 260,
        style: { background: 'transparent', fontSize: '12px' },
        x: { label: 'step', domain: [0, Math.max(1, ...steps.map(({ step }) => step))] },
        y: { label: 'loss, nats a token', grid: true, nice: true },
        marks: [
          Plot.line(steps, { x: 'step', y: 'loss', stroke: 'var(--accent)' }),
          Plot.line(held, { x: 'step', y: 'loss', stroke: 'var(--second)', strokeWidth: 2.5 }),
          Plot.dot(held, { x: 'step', y: 'loss', fill: 'var(--second)', r: 3.5 }),
        ],
      });
      // The place itself says what is to be seen.
      chart.setAttribute('aria-hidden', 'true');
      place.current?.replaceChildren(chart);
    }, wait);
    return () => clearTimeout(timer);
  }, [steps, held, width]);
  const [first, last] = [held[0], held.at(-1)];
  const said =
    first && last ? `held-out loss from ${first.loss.toFixed(2)} to ${last.loss.toFixed(2)}` : 'no held-out loss yet';
  return (
    <div class="curves" ref={place} role="img" aria-label={`Loss over ${steps.at(-1)?.step ?? 0} steps: ${said}`} />
  );
}
