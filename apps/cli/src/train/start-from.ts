import {
  loraTensorName,
  LowrankError,
  patternValue,
  scalingOf,
  type AdapterPlan,
  type InitialFactors,
} from '@lowrank/core';
import { readPeft } from '@lowrank/formats';
import { wrongOption } from '../output/usage-error.js';
import type { RunOptions } from './run-options.js';

/**
 * The factors of an adapter in a folder, as the start of a run's own. Throws `adapter-mismatch` where its modules, ranks
 * or scalings are not the plan's, and a usage error for options under which factors are not all there is to start as.
 */
export async function startFrom(
  folder: string,
  { modules }: AdapterPlan,
  { init, dora, task, adaptiveBudget }: RunOptions,
): Promise<Map<string, InitialFactors>> {
  const others: [string, unknown][] = [
    ['--dora', dora],
    ['--adaptive-budget', adaptiveBudget],
    [`--init ${init}`, init !== 'kaiming'],
    [`--task ${task}`, task === 'classify'],
  ];
  const other = others.find(([, there]) => there);
  if (other) {
    throw wrongOption({
      given: `--start-from with ${other[0]}`,
      rule: 'a run starts from plain LoRA factors, and from nothing else',
      fix: `leave ${other[0]} away, or start anew without --start-from`,
    });
  }
  const { config, tensors } = await readPeft(folder);
  const start = new Map(
    modules.map(({ path, in: from, out, rank, scaling }): [string, InitialFactors] => {
      const a = tensors.get(loraTensorName(path, 'lora_A'));
      const b = tensors.get(loraTensorName(path, 'lora_B'));
      if (a?.shape.join() !== `${from},${rank}` || b?.shape.join() !== `${rank},${out}`) {
        throw mismatch(`"${path}" of ${folder}`, `the run adapts it with rank ${rank}, from ${from} to ${out}`);
      }
      const alpha = patternValue(config.alphaPattern, path) ?? config.alpha;
      const own = scalingOf({ rank, alpha, useRslora: config.useRslora });
      if (Math.abs(own / scaling - 1) > 1e-6) {
        throw mismatch(`"${path}" of ${folder}, scaled by ${own}`, `the run scales it by ${scaling}`);
      }
      return [path, { a: Float32Array.from(a.data), b: Float32Array.from(b.data), shifts: false }];
    }),
  );
  if (tensors.size === 2 * modules.length) return start;
  throw mismatch(folder, 'it holds tensors of modules that the run does not adapt');
}

function mismatch(given: string, rule: string): LowrankError {
  return new LowrankError('adapter-mismatch', {
    given,
    rule,
    fix: 'give the --targets, --rank and --alpha that it was trained with',
  });
}
