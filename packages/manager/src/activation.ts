import { LowrankError } from '@lowrank/core';
import type { Slot } from './slots.js';

/** Adapters that act at once: one, several, several with weights, or with `undefined` none. */
export type Activation = string | readonly string[] | Readonly<Record<string, number>> | undefined;

/**
 * The weight of each adapter, by name and in the order of the names: 1 where none is given.
 * Throws `config-invalid` for a name twice, or a weight that is not finite.
 */
export function weightsOf(activation: Activation): Map<string, number> {
  const entries = entriesOf(activation);
  const weights = new Map(entries.toSorted(([left], [right]) => (left < right ? -1 : 1)));
  if (weights.size < entries.length) {
    const names = entries.map(([name]) => name);
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    throw invalid(`adapter "${twice}" twice`, 'each acts once', 'give it a weight of 2 to have it act twice as much');
  }
  for (const [name, weight] of weights) {
    if (Number.isFinite(weight)) continue;
    throw invalid(`a weight of ${weight} for adapter "${name}"`, 'a weight is finite', 'give a number, such as 0.5');
  }
  return weights;
}

/**
 * Throws `config-unsupported` where adapters cannot act at once: a module that one of them trains whole takes the
 * base's place, and a row of an embedding is one's own.
 */
export function checkTogether(slots: Map<string, Slot>): void {
  const seen = new Map<string, string>();
  for (const [name, { modules }] of slots) {
    for (const path of modules.keys()) {
      const other = seen.get(path);
      if (other !== undefined) checkPair(path, [other, name], slots);
      else seen.set(path, name);
    }
  }
}

function checkPair(path: string, names: [string, string], slots: Map<string, Slot>): void {
  const both = `"${names[0]}" and "${names[1]}" at once`;
  const of = names.map((name) => slots.get(name) as Slot);
  const module = of.map(({ modules }) => modules.get(path));
  if (!module.every((one) => one?.update)) {
    throw unsupported(
      `${both} on "${path}"`,
      'a module that an adapter trains whole, or in its bias, is only one’s at a time',
    );
  }
  const [left, right] = of.map((slot) => new Set(slot.tokens(path)));
  const shared = [...(left as Set<number>)].find((token) => (right as Set<number>).has(token));
  if (shared === undefined) return;
  throw unsupported(`${both} on row ${shared} of "${path}"`, 'a row that adapters train is only one’s at a time');
}

function entriesOf(activation: Activation): [string, number][] {
  if (activation === undefined) return [];
  if (typeof activation === 'string') return [[activation, 1]];
  if (Array.isArray(activation)) return activation.map((name: string) => [name, 1]);
  return Object.entries(activation as Record<string, number>);
}

function invalid(given: string, rule: string, fix: string): LowrankError {
  return new LowrankError('config-invalid', { given, rule, fix });
}

function unsupported(given: string, rule: string): LowrankError {
  return new LowrankError('config-unsupported', {
    given,
    rule,
    fix: 'activate one of them, or give each row of a batch its own with forRows',
  });
}
