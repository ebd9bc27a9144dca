import { deriveSeed, LowrankError, randomFloats } from '@lowrank/core/plan';
import { trialId, type Trial } from './job-of.js';

/** Numbers from `min` to `max`, both within. */
export interface Range {
  min: number;
  max: number;
  /** Default `linear`; with `log`, every ratio is as likely. */
  scale?: 'linear' | 'log' | undefined;
  /** Only `min` and whole multiples of this from there on. */
  step?: number | undefined;
}

/** Of each option that is searched, choices or a range. */
export type Space = Readonly<Record<string, readonly unknown[] | Range>>;

/**
 * Every combination of choices, the last option's changing fastest, each laid over `base`.
 *
 * @throws `config-invalid` for a range without a step, and as `checkSpace`
 */
export function gridTrials(space: Space, base: Trial): Trial[] {
  checkSpace(space);
  const choices = Object.entries(space).map(([key, of]) => [key, isRange(of) ? listed(key, of) : of] as const);
  return choices.reduce<Trial[]>(
    (trials, [key, values]) => trials.flatMap((trial) => values.map((value) => ({ ...trial, [key]: value }))),
    [base],
  );
}

/**
 * `count` unlike trials, each option drawn by itself: one more option changes no other's draws, one more trial no
 * earlier one. Fewer where the space has no more.
 */
export function randomTrials(space: Space, base: Trial, { count, seed }: { count: number; seed: number }): Trial[] {
  checkSpace(space);
  const trials = new Map<string, Trial>();
  // A small space is soon exhausted: then most draws are repeats.
  for (let draw = 0; trials.size < count && draw < 100 * count; draw++) {
    const drawn = Object.entries(space).map(([key, of]) => [key, drawnFrom(of, uniform(seed, `${draw} ${key}`))]);
    const trial = { ...base, ...Object.fromEntries(drawn) };
    trials.set(trialId(trial), trial);
  }
  return [...trials.values()];
}

/** Throws `config-invalid` naming the option whose choices are none, or whose range cannot be. */
export function checkSpace(space: Space): void {
  const entries = Object.entries(space);
  if (entries.length === 0)
    throw invalid('search', 'nothing is searched', 'give some option choices, such as rank: [4, 8]');
  for (const [key, of] of entries) {
    if (isRange(of)) checkRange(key, of);
    else if (!Array.isArray(of) || of.length === 0) {
      throw invalid(`search.${key}`, 'it has no choices', 'give a list, such as [4, 8], or { min, max }');
    }
  }
}

function checkRange(key: string, { min, max, scale = 'linear', step, ...rest }: Range): void {
  const where = `search.${key}`;
  const [other] = Object.keys(rest);
  if (other !== undefined) throw invalid(`${where}.${other}`, 'a range has min, max, scale and step', 'leave it out');
  if (!Number.isFinite(min) || !Number.isFinite(max) || min > max) {
    throw invalid(`${where}: min ${min}, max ${max}`, 'min is a number that is not above max', 'turn them round');
  }
  if (scale !== 'linear' && scale !== 'log')
    throw invalid(`${where}.scale: ${String(scale)}`, 'it is linear or log', 'choose one');
  if (scale === 'log' && !(min > 0)) throw invalid(`${where}.min: ${min}`, 'on a log scale it is above 0', 'raise it');
  if (step !== undefined && !(step > 0)) throw invalid(`${where}.step: ${step}`, 'a step is above 0', 'give another');
}

const isRange = (of: readonly unknown[] | Range): of is Range =>
  typeof of === 'object' && of !== null && !Array.isArray(of);

function listed(key: string, { min, max, step }: Range): number[] {
  if (step === undefined) {
    throw invalid(
      `search.${key}`,
      'a grid needs choices, and this is a range',
      'list them, add a step, or draw at random',
    );
  }
  return Array.from({ length: stepsIn(min, max, step) }, (_, index) => min + index * step);
}

/** How many values there are; what rounding leaves over is forgiven. */
const stepsIn = (min: number, max: number, step: number) => Math.floor((max - min) / step + 1e-9) + 1;

/** @param at from 0 up to, not including, 1 */
function drawnFrom(of: readonly unknown[] | Range, at: number): unknown {
  if (!isRange(of)) return of[Math.floor(at * of.length)];
  const { min, max, scale, step } = of;
  if (step !== undefined) {
    if (scale !== 'log') return min + Math.floor(at * stepsIn(min, max, step)) * step;
    const value = min * (max / min) ** at;
    return min + Math.round((value - min) / step) * step > max ? max : min + Math.round((value - min) / step) * step;
  }
  return scale === 'log' ? min * (max / min) ** at : min + at * (max - min);
}

function uniform(seed: number, name: string): number {
  const [value] = randomFloats(1, { distribution: 'uniform', seed: deriveSeed(seed, name) });
  return Math.min(((value as number) + 1) / 2, 1 - 2 ** -25);
}

function invalid(given: string, rule: string, fix: string): LowrankError {
  return new LowrankError('config-invalid', { given, rule, fix });
}
