import { LowrankError, patternValue, type LoraLayer } from '@lowrank/core';
import type { Slot } from './slots.js';

/** A factor for all modules of an adapter, or by expressions for the ends of their paths. */
export type Scale = number | Readonly<Record<string, number>>;

/** Throws `config-invalid` for a factor that is not finite, `target-not-found` for a key that matches nothing. */
export function setScale({ plan, modules }: Slot, scale: Scale): void {
  const pattern = typeof scale === 'number' ? { '.*': scale } : scale;
  for (const [key, factor] of Object.entries(pattern)) {
    if (!Number.isFinite(factor)) throw notFinite(key, factor);
    if (plan.modules.some(({ path }) => patternValue({ [key]: factor }, path) !== undefined)) continue;
    throw noMatch(
      key,
      plan.modules.map(({ path }) => path),
    );
  }
  for (const { path, scaling } of plan.modules) {
    (modules.get(path) as LoraLayer).scaling = scaling * (patternValue(pattern, path) ?? 1);
  }
}

function notFinite(key: string, factor: number): LowrankError {
  return new LowrankError('config-invalid', {
    given: `a scale of ${factor}${key === '.*' ? '' : ` for "${key}"`}`,
    rule: 'a scale is finite',
    fix: 'give a number, such as 0.5; 1 is as trained',
  });
}

function noMatch(key: string, paths: string[]): LowrankError {
  return new LowrankError('target-not-found', {
    given: `"${key}" in a scale`,
    rule: 'a key matches the end of the path of some module with factors',
    fix: `the adapter's are ${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ', …' : ''}`,
  });
}
