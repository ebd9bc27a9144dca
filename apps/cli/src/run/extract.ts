import { extract, type ExtractedModule, type LeftOut } from '@lowrank/combine';
import { writePeft } from '@lowrank/formats';
import { openModelWeights, type ModelWeights } from '@lowrank/models';
import { refuseExisting } from '../inputs/free-place.js';
import { baseOf } from '../inputs/lora.js';
import { modelFolder } from '../inputs/model.js';
import { sizeOf, type SizeFlags } from '../inputs/size-flags.js';
import { byOptions } from '../output/option-error.js';
import { reporter } from '../output/reporter.js';
import { table } from '../output/table.js';
import { counted } from '../output/units.js';
import { interruptSignal } from '../train/interrupt.js';

export interface ExtractFlags extends SizeFlags {
  base: string;
  tuned: string;
  targets: string | string[];
  exclude?: string | string[];
  modulesToSave?: string[];
  bias?: 'none' | 'lora_only' | 'all';
  out: string;
  overwrite?: boolean;
  offline?: boolean;
  json?: boolean;
}

/** Writes the adapter between two models, and says how near each module comes and what differs besides. */
export async function runExtract(flags: ExtractFlags): Promise<void> {
  const print = reporter(flags.json ?? false);
  const size = sizeOf(flags);
  refuseExisting(flags.out, flags.overwrite);
  const onModule = (module: ExtractedModule) => {
    print.event({ type: 'module', ...module });
    print.progress(`${module.path}: rank ${module.rank}, error ${module.error.toExponential(1)}`);
  };
  const { adapter, modules, leftOut } = await withModels(flags, (base, tuned, signal) => {
    const options = { ...size, ...configOf(flags, base), onModule, signal };
    return byOptions(['config-invalid', 'target-not-found'], () => extract(base, tuned, options));
  });
  await writePeft(flags.out, adapter);
  print.event({ type: 'result', out: flags.out, modules, leftOut, config: adapter.config });
  if (flags.json) return;
  for (const line of [...moduleLines(modules), '', ...leftOutLines(leftOut)]) print.line(line);
  print.line(`adapter of ${counted(modules.length, 'module')} written to ${flags.out}`);
}

type Work<Result> = (base: ModelWeights, tuned: ModelWeights, signal: AbortSignal) => Promise<Result>;

/** Opens both models for `work`. Ctrl-C ends the process between two modules, with nothing written. */
async function withModels<Result>(flags: ExtractFlags, work: Work<Result>): Promise<Result> {
  const opened: ModelWeights[] = [];
  const open = async (model: string) => {
    const weights = await openModelWeights(await modelFolder(model, flags));
    opened.push(weights);
    return weights;
  };
  const { signal, release } = interruptSignal(() => process.stderr.write('stopping: nothing is written\n'));
  try {
    return await work(await open(flags.base), await open(flags.tuned), signal);
  } catch (error) {
    if (signal.aborted) process.exit(130);
    throw error;
  } finally {
    release();
    for (const weights of opened) await weights.close();
  }
}

function configOf({ targets, exclude, modulesToSave, bias, base }: ExtractFlags, { modules }: ModelWeights) {
  return {
    targetModules: targets,
    ...(exclude === undefined ? {} : { excludeModules: exclude }),
    ...(modulesToSave === undefined ? {} : { modulesToSave }),
    ...(bias === undefined ? {} : { bias }),
    taskType: modules.some(({ path }) => path === 'lm_head') ? 'CAUSAL_LM' : null,
    baseModelNameOrPath: baseOf(base),
  };
}

function moduleLines(modules: ExtractedModule[]): string[] {
  const rows = modules.map(({ path, rank, norm, error }) => [
    path,
    String(rank),
    norm.toPrecision(3),
    error.toExponential(1),
  ]);
  return table([['module', 'rank', '|difference|', 'relative error'], ...rows]);
}

function leftOutLines(leftOut: LeftOut[]): string[] {
  if (leftOut.length === 0) return [];
  const rows = leftOut.map(({ name, norm, baseNorm }) => [name, text(norm), text(baseNorm)]);
  return [
    `warning: ${counted(leftOut.length, 'tensor')} of the tuned model differ and are not in the adapter (see --targets, --modules-to-save, --bias):`,
    ...table([['tensor', '|difference|', '|base|'], ...rows]),
    '',
  ];
}

function text(norm: number | null): string {
  return norm === null ? 'other shape' : norm.toPrecision(3);
}
