import {
  activationMoments,
  initialFactors,
  loraTensorName,
  type AdapterPlan,
  type Checkpoint,
  type InitialFactors,
  type InitialFactorsOptions,
} from '@lowrank/core';
import { openModelWeights } from '@lowrank/models';
import type { Reporter } from '../output/reporter.js';
import { counted } from '../output/units.js';
import { wrongOption } from '../output/usage-error.js';
import type { Prepared } from './prepared.js';
import type { RunOptions } from './run-options.js';
import { startFrom } from './start-from.js';

type Start = Map<string, InitialFactors>;

/** The most batches that `--init eva` looks at; PEFT stops at a few, once directions stay. */
const evaBatches = 16;

/** What the factors of a new run start as; empty where they are drawn. Throws a usage error for loftq without packing. */
export async function startOf(prepared: Prepared, options: RunOptions, out: Reporter): Promise<Start> {
  const { plan, model, folder } = prepared;
  if (options.startFrom !== undefined) return startFrom(options.startFrom, plan, options);
  const { init, quantise, seed } = options;
  if (init === 'loftq' && quantise === undefined) {
    throw wrongOption({
      given: '--init loftq without --quantise',
      rule: 'it makes up for what packing takes from the base',
      fix: 'add --quantise nf4, or take another --init',
    });
  }
  const compute = (from: InitialFactorsOptions) => initialFactors(plan, model, { seed, ...from });
  if (init === 'eva') return compute({ moments: await momentsOf(prepared, out) });
  if (init === 'loftq') {
    out.line(`reading the base of ${counted(plan.modules.length, 'module')} unpacked, to start from what packing took`);
    const weights = await openModelWeights(folder);
    try {
      return await compute({ dense: (path) => weights.linear(path) });
    } finally {
      await weights.close();
    }
  }
  return compute({});
}

/** What there must be room for: the values are the checkpoint's. */
export function startOfResumed({ modules }: AdapterPlan, { tensors }: Checkpoint): Start {
  return new Map(
    modules.map(({ path, in: from, out, rank }) => {
      const shifts = tensors.has(`initial/${loraTensorName(path, 'lora_A')}`);
      return [path, { a: new Float32Array(from * rank), b: new Float32Array(rank * out), shifts }];
    }),
  );
}

function momentsOf({ plan, model, batches, loss, counts }: Prepared, out: Reporter) {
  const count = Math.min(evaBatches, batches.batchesPerEpoch);
  out.line(`looking at what ${counted(plan.modules.length, 'module')} are given, in ${count} of the run's batches`);
  return activationMoments(model, {
    paths: plan.modules.map(({ path }) => path),
    batches: Array.from({ length: count }, (_, at) => batches.at(at)),
    forward: (batch) => loss(batch),
    ...(counts && { counts }),
  });
}
