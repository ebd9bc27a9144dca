import { LowrankError } from '@lowrank/core';
import type { JsonObject } from '../io/json.js';

/**
 * Whether a config chooses layers by index (`layers_to_transform`). Throws `adapter-mismatch` for a path in another
 * layer. PEFT finds the index as the first number between dots, or the one after what `layers_pattern`, an
 * expression, matches; a path that is itself a target is not asked. Also throws `config-invalid`.
 */
export function checkLayers(given: string, paths: string[], config: JsonObject): boolean {
  const { layers_to_transform: chosen, layers_pattern: patterns, target_modules: targets } = config;
  const layers = [chosen ?? []].flat() as number[];
  if (layers.length === 0) return false;
  const expressions = layerExpressions(given, [patterns ?? []].flat() as string[]);
  for (const path of paths) {
    const layer = expressions.map((expression) => expression.exec(path)?.[1]).find((found) => found !== undefined);
    if ((targets as string[]).includes(path) || (layer !== undefined && layers.includes(Number(layer)))) continue;
    throw new LowrankError('adapter-mismatch', {
      given: `"${path}" in ${given}`,
      rule: `it is in none of the layers that its config names, ${layers.join(', ')}`,
      fix: 'get or save the whole adapter again',
    });
  }
  return true;
}

function layerExpressions(given: string, patterns: string[]): RegExp[] {
  if (patterns.join('') === '') return [/^.*?\.[^.]*\.(\d+)\./];
  return patterns.map((pattern) => {
    try {
      return new RegExp(`^(?:|.*?\\.)${pattern}\\.(\\d+)\\.`);
    } catch (cause) {
      throw new LowrankError('config-invalid', {
        given: `"layers_pattern": "${pattern}" of ${given}`,
        rule: 'it is no regular expression',
        fix: 'name the list that the layers are in',
        cause,
      });
    }
  });
}
