import { bytesOf, type Memory, type Place, type Recorded, type Tape, type Value } from './tape.js';
import type { StepTrace } from './trace-step.js';

/** Bytes of a step, from one moment to another, both included. */
export interface Lifetime {
  at: Place;
  section: number;
  kind: 'kept' | 'backward' | 'passing';
  bytes: number;
  from: number;
  until: number;
}

/**
 * When the forward pass has which values, and the backward pass which gradients of values. Moments are the ops of a tape, forward
 * and then back. A value lives until its layer has run, or until the gradient of the first op that keeps it; a gradient
 * until that of the op which gave its value. What an op has read goes as the next begins.
 */
export function lifetimesOf(trace: StepTrace): Lifetime[] {
  const values = forwardValues(trace);
  return [...values.values(), ...backward(trace.tape, values)];
}

/** How many moments a tape has. */
export const momentCount = ({ nodes }: Tape): number => 2 * nodes.length;

/** The moment of an op's gradient. */
export const backAt = (tape: Tape, index: number): number => momentCount(tape) - 1 - index;

function forwardValues({ tape, layerInputs }: StepTrace): Map<Memory, Lifetime> {
  const { nodes, kept } = tape;
  const loss = nodes.length - 1;
  const ends = new Map(nodes.map(({ section }, index) => [section, index]));
  const layers = nodes.at(-1)?.section ?? 0;
  const passedOn = new Set(layerInputs.map(({ memory }) => memory));
  const lifetimes = new Map<Memory, Lifetime>();
  const add = (memory: Memory, by: Recorded) => {
    const first = kept.get(memory);
    const { at, section } = first ?? by;
    const inLayer = section > 0 && section < layers && !passedOn.has(memory);
    const forward = inLayer ? (ends.get(section) as number) : loss;
    const until = first ? keptUntil(tape, first) : forward;
    lifetimes.set(memory, { at, section, kind: 'kept', bytes: memory.bytes, from: by.index, until });
  };
  for (const node of nodes) for (const { memory } of node.results) if (!lifetimes.has(memory)) add(memory, node);
  // What a kernel keeps of its own, and what was there before the first op.
  for (const [memory, by] of kept) if (!lifetimes.has(memory)) add(memory, by);
  return lifetimes;
}

/** Until the gradient of an op that keeps it, or had one been asked for; before the first that is asked for, to the end. */
function keptUntil(tape: Tape, { index }: Recorded): number {
  const first = tape.nodes.findIndex(({ learns }) => learns);
  return index < first ? momentCount(tape) - 1 : backAt(tape, index);
}

/** The gradient of a view is a view of the gradient, and what passes one on gives the same memory. */
function backward(tape: Tape, values: Map<Memory, Lifetime>): Lifetime[] {
  const made: Lifetime[] = [];
  const gradients = new Map<Value, Lifetime>();
  for (const { node, learns, at, section, index, results, own } of tape.nodes.toReversed()) {
    if (!learns) continue;
    const now = backAt(tape, index);
    const make = (kind: Lifetime['kind'], bytes: number): Lifetime => {
      const lifetime = { at, section, kind, bytes, from: now, until: now };
      made.push(lifetime);
      return lifetime;
    };
    const given = results.flatMap((result) => gradients.get(result) ?? []);
    for (const gradient of given) gradient.until = Math.max(gradient.until, now);
    if (node.passingBytes) make('passing', node.passingBytes);
    const shared = node.view || node.passes ? (given[0] ?? (own && values.get(own))) : undefined;
    for (const input of node.inputs) {
      if (!input.learns && !node.eager) continue;
      const bytes = bytesOf(input.rows, input.features);
      const next = shared ?? make('backward', bytes);
      if (!input.learns) continue;
      const before = gradients.get(input);
      if (before) before.until = Math.max(before.until, now);
      gradients.set(input, before ? make('backward', bytes) : next);
    }
  }
  return made;
}
