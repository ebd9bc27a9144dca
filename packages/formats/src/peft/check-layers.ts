import { inChosenLayers, LowrankError, type LoraConfig } from '@lowrank/core/plan';

/**
 * Throws `adapter-mismatch` for a path outside the layers that a config chooses (`layers_to_transform`). A path that
 * is itself a target is not asked, as in PEFT.
 */
export function checkLayers(given: string, paths: string[], config: LoraConfig): void {
  const stray = paths.find((path) => !config.targetModules.includes(path) && !inChosenLayers(config, path));
  if (stray === undefined) return;
  throw new LowrankError('adapter-mismatch', {
    given: `"${stray}" in ${given}`,
    rule: `it is in none of the layers that its config names, ${[config.layersToTransform].flat().join(', ')}`,
    fix: 'get or save the whole adapter again',
  });
}
