import { loraConfig, LowrankError, pathPattern, type LoraConfig } from '@lowrank/core';
import { rankOf, type Update } from './update.js';

/**
 * A plain config for what several adapters come to: no rsLoRA, nothing left out or chosen by layer, targets that name
 * just the modules there are; rank and alpha of most of them, and patterns for the others. What the adapters agree on
 * besides stays.
 * Throws `adapter-mismatch` for adapters of two tasks.
 */
export function joinedConfig(configs: LoraConfig[], updates: Update[]): LoraConfig {
  const ranks = updates.map(rankOf);
  // 15 digits: 12 stays 12 after it was divided by a rank.
  const alphas = updates.map((update) => Number((update.scaling * rankOf(update)).toPrecision(15)));
  const [rank, alpha] = [commonest(ranks) ?? 1, commonest(alphas) ?? 1];
  const pattern = (values: number[], common: number) =>
    Object.fromEntries(
      updates.flatMap(({ path }, at) => (values[at] === common ? [] : [[pathPattern(path), values[at] as number]])),
    );
  return loraConfig({
    rank,
    alpha,
    dropout: agreed(configs, 'dropout') ?? 0,
    targetModules: targets(configs, updates),
    rankPattern: pattern(ranks, rank),
    alphaPattern: pattern(alphas, alpha),
    loraBias: updates.some(({ bias }) => bias !== undefined),
    fanInFanOut: configs.some(({ fanInFanOut }) => fanInFanOut),
    taskType: taskOf(configs),
    baseModelNameOrPath: agreed(configs, 'baseModelNameOrPath') ?? null,
  });
}

/** The adapters' own lists, where those choose alone; else each path. */
function targets(configs: LoraConfig[], updates: Update[]): string[] {
  const chosen = ({ targetModules, excludeModules, layersToTransform }: LoraConfig) =>
    typeof targetModules === 'string' || excludeModules !== undefined || layersToTransform !== undefined;
  const names = configs.some(chosen) ? updates.map(({ path }) => path) : configs.flatMap((c) => c.targetModules);
  return [...new Set(names)].sort();
}

function taskOf(configs: LoraConfig[]): string | null {
  const [first, other] = [...new Set(configs.map(({ taskType }) => taskType).filter((task) => task !== null))];
  if (other === undefined) return first ?? null;
  throw new LowrankError('adapter-mismatch', {
    given: `adapters of the tasks ${first} and ${other}`,
    rule: 'their bases end in different heads',
    fix: 'combine adapters of one task',
  });
}

function agreed<Key extends keyof LoraConfig>(configs: LoraConfig[], key: Key): LoraConfig[Key] | undefined {
  return configs.every((config) => config[key] === configs[0]?.[key]) ? configs[0]?.[key] : undefined;
}

/** The value that most have; of several, the first. */
function commonest(values: number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, left], [, right]) => right - left)[0]?.[0];
}
