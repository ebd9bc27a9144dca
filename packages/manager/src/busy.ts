import { inTraining, LowrankError } from '@lowrank/core';
import type { Slot } from './slots.js';
import { parametersOf } from './values.js';

/** Throws `adapter-busy` for an adapter that merged weights were made of, or that a run trains. */
export function checkFreeToChange(
  { name, slot, merged }: { name: string; slot: Slot; merged: boolean },
  doing: string,
) {
  if (merged)
    throw busy(`${doing} "${name}"`, 'it is merged, and the merged weights would not follow', 'unmerge first');
  if (inTraining(parametersOf(slot.modules))) throw training(`${doing} "${name}"`);
}

/** Throws `adapter-busy` while one of them is in training, or where others act by now. */
export function checkMergeable(slots: ReadonlyMap<string, Slot>, same = true): void {
  for (const [name, { live, modules }] of slots) {
    if (live && inTraining(parametersOf(modules))) throw training(`merging "${name}"`);
  }
  if (same) return;
  throw busy(
    `merging ${Array.from(slots.keys(), (name) => `"${name}"`).join(' and ')}`,
    'what is active was changed while the merged weights were checked',
    'await merge() before you activate anything else',
  );
}

function training(given: string): LowrankError {
  return busy(given, 'a run trains it now', "wait for the run's end, or leave its loop");
}

function busy(given: string, rule: string, fix: string): LowrankError {
  return new LowrankError('adapter-busy', { given, rule, fix });
}
