import type { LoraConfig } from '../config/lora-config.js';
import { endMatches } from './patterns.js';

/**
 * Whether a path lies in one of the layers that `layersToTransform` names; any does where it names none. By PEFT's
 * rule a layer's index is the first number between dots, from the third part of the path on; with `layersPattern` it
 * is the number after what one of the expressions matches, the first of them that matches.
 */
export function inChosenLayers(
  { layersToTransform = [], layersPattern = [] }: Partial<Pick<LoraConfig, 'layersToTransform' | 'layersPattern'>>,
  path: string,
): boolean {
  const chosen = [layersToTransform].flat();
  if (chosen.length === 0) return true;
  const patterns = [layersPattern].flat().filter((pattern) => pattern !== '');
  const index = layerIndex(path, patterns);
  return index !== undefined && chosen.includes(index);
}

function layerIndex(path: string, patterns: string[]): number | undefined {
  const parts = path.split('.');
  const places = parts.flatMap((part, at) => (at > 0 && at < parts.length - 1 && /^\d+$/.test(part) ? [at] : []));
  const before = (at: number) => parts.slice(0, at).join('.');
  const place =
    patterns.length === 0
      ? places.find((at) => at >= 2)
      : patterns.flatMap((pattern) => places.filter((at) => endMatches(pattern, before(at))))[0];
  return place === undefined ? undefined : Number(parts[place]);
}
