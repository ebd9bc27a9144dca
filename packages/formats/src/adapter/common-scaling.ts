import { patternValue, scalingOf, type LoraConfig, type PlainTensor } from '@lowrank/core';

/** A module's rank, and its scaling as the alpha of plain LoRA: alpha / rank, whatever rsLoRA or patterns say. */
export function rankAndAlpha(config: LoraConfig, path: string): { rank: number; alpha: number } {
  const rank = patternValue(config.rankPattern, path) ?? config.rank;
  const alpha = patternValue(config.alphaPattern, path) ?? config.alpha;
  return { rank, alpha: scalingOf({ rank, alpha, useRslora: config.useRslora }) * rank };
}

/** The value that most have; of several, the first. */
export function commonest(values: number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}

/** A tensor times a factor; the tensor itself where that is 1. */
export function times({ shape, data }: PlainTensor, factor: number): PlainTensor {
  return factor === 1 ? { shape, data } : { shape, data: data.map((value) => value * factor) };
}
