import { backAt, lifetimesOf, momentCount, type Lifetime } from './lifetimes.js';
import type { StepTrace } from './trace-step.js';

export interface HeldOptions {
  checkpointing: boolean;
  /** Of a value's four bytes, how many there are. */
  share: number;
}

/** Bytes at each moment of a step, and what of it is held for which op. */
export interface Held {
  moments: Float64Array;
  /** What there is at a moment. */
  at(moment: number): Lifetime[];
}

/** What a step holds, moment by moment. With checkpointing, of layers only the one that runs, and what goes into each. */
export function heldBy(trace: StepTrace, { checkpointing, share }: HeldOptions): Held {
  const all = lifetimesOf(trace).map((lifetime) => ({ ...lifetime, bytes: share * lifetime.bytes }));
  const lifetimes = checkpointing ? [...withinLayers(trace, all), ...checkpoints(trace, share)] : all;
  const moments = new Float64Array(momentCount(trace.tape) + 1);
  for (const { bytes, from, until } of lifetimes) {
    moments[from]! += bytes;
    moments[until + 1]! -= bytes;
  }
  for (let moment = 1; moment < moments.length; moment++) moments[moment]! += moments[moment - 1]!;
  return {
    moments: moments.subarray(0, -1),
    at: (moment) => lifetimes.filter(({ from, until }) => from <= moment && moment <= until),
  };
}

/** What a layer keeps is there while it runs, and while it runs back. */
function withinLayers({ tape }: StepTrace, all: Lifetime[]): Lifetime[] {
  const first = new Map<number, number>();
  const last = new Map<number, number>();
  for (const { section, index } of tape.nodes) {
    if (!first.has(section)) first.set(section, index);
    last.set(section, index);
  }
  const end = tape.nodes.at(-1)?.section ?? 0;
  return all.flatMap((lifetime): Lifetime[] => {
    const { kind, section, from, until } = lifetime;
    const leaves = last.get(section) as number;
    if (kind !== 'kept' || section === 0 || section === end || until <= leaves) return [lifetime];
    const again = backAt(tape, leaves);
    return [
      { ...lifetime, until: leaves },
      { ...lifetime, from: Math.max(from, again), until: Math.min(until, backAt(tape, first.get(section) as number)) },
    ];
  });
}

function checkpoints({ tape, layerInputs }: StepTrace, share: number): Lifetime[] {
  const inputs = new Set(layerInputs.map(({ memory }) => memory));
  const last = momentCount(tape) - 1;
  const kept = { at: { op: 'checkpoint' }, section: 0, kind: 'kept' as const, from: 0, until: last };
  return Array.from(inputs, ({ bytes }) => ({ ...kept, bytes: share * bytes }));
}
