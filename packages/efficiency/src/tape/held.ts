import { backward } from './backward.js';
import type { Place } from './tape.js';
import type { StepTrace } from './trace-step.js';

/** Bytes that a step holds on behalf of one op until the backward pass has ended. */
export interface Held {
  at: Place;
  section: number;
  /** What the forward pass keeps for it. */
  kept: number;
  /** Gradients of activations that it makes. */
  backward: number;
}

/** All that a step holds, op by op. With checkpointing, what goes into each layer is kept, and one layer's own besides. */
export function heldBy({ tape, layerInputs }: StepTrace, checkpointing: boolean): Held[] {
  const all: Held[] = [];
  for (const [{ bytes }, { at, section }] of tape.kept) all.push({ at, section, kept: bytes, backward: 0 });
  for (const { by, bytes } of backward(tape)) all.push({ at: by.at, section: by.section, kept: 0, backward: bytes });
  if (!checkpointing) return all;
  const last = tape.nodes.at(-1)?.section ?? 0;
  const there = new Set([0, last, widestLayer(all, last)]);
  const inputs = new Set(layerInputs.map(({ memory }) => memory));
  const at = { op: 'checkpoint' };
  const checkpoints = Array.from(inputs, ({ bytes }) => ({ at, section: 0, kept: bytes, backward: 0 }));
  return [...all.filter(({ section }) => there.has(section)), ...checkpoints];
}

/** The section between the first and the last that holds most. */
function widestLayer(all: Held[], last: number): number {
  const bytes = Array.from({ length: last + 1 }, () => 0);
  for (const { section, kept, backward } of all) bytes[section] = (bytes[section] as number) + kept + backward;
  const layers = bytes.slice(1, -1);
  return layers.indexOf(Math.max(...layers)) + 1;
}
