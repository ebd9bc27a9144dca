import { combine, compare, type CombineKind, type CombineOptions, type WeightedAdapter } from '@lowrank/combine';
import { encodePeft, readPeft } from '@lowrank/formats';
import { sharedClassNames } from '../inputs/class-names.js';
import { refuseExisting } from '../inputs/free-place.js';
import { adapterFolder } from '../inputs/hub-source.js';
import { byOptions } from '../output/option-error.js';
import { reporter } from '../output/reporter.js';
import { counted } from '../output/units.js';
import { wrongOption } from '../output/usage-error.js';
import { writeAdapter } from '../output/write-adapter.js';

export interface CombineFlags extends Pick<CombineOptions, 'rank' | 'density' | 'majoritySign' | 'seed' | 'savedFrom'> {
  adapters: string[];
  weights?: number[];
  kind: CombineKind;
  out: string;
  overwrite?: boolean;
  offline?: boolean;
  json?: boolean;
}

/** Writes the combination, and says how far it is from the weighted sum of the updates. */
export async function runCombine(flags: CombineFlags): Promise<void> {
  const print = reporter(flags.json ?? false);
  const { adapters, kind, out, rank, density, majoritySign, seed } = flags;
  const weights = weightsOf(flags);
  const savedFrom = placeOf(flags);
  refuseExisting(out, flags.overwrite);
  const weighted: WeightedAdapter[] = [];
  const folders: string[] = [];
  for (const [at, name] of adapters.entries()) {
    const folder = await adapterFolder(name, flags);
    folders.push(folder);
    weighted.push({ adapter: await readPeft(folder), weight: weights[at] as number, name });
  }
  const classNames = await sharedClassNames(
    savedFrom === undefined ? folders : folders.slice(savedFrom, savedFrom + 1),
  );
  const options = { kind, rank, density, majoritySign, seed, savedFrom };
  const combined = await byOptions(['config-invalid'], () => combine(weighted, options));
  const { total, modules } = compare(combined, combine(weighted, { savedFrom }));
  const distance = total.norms[1] === 0 ? 0 : total.difference / total.norms[1];
  await writeAdapter(out, encodePeft(combined), classNames);
  const ranks = modules.map(({ first }) => first?.rank as number);
  print.event({
    type: 'result',
    out,
    kind,
    weights,
    modules: modules.length,
    ranks,
    distance,
    config: combined.config,
  });
  if (flags.json) return;
  print.line(
    `${counted(adapters.length, 'adapter')} combined by ${kind}: ${counted(modules.length, 'module')} of rank ${span(ranks)}, written to ${out}`,
  );
  print.line(`distance from the weighted sum of the updates, relative: ${distance.toExponential(1)}`);
}

/** One for each adapter. Throws a usage error for another count. */
function weightsOf({ adapters, weights }: CombineFlags): number[] {
  if (weights === undefined) return adapters.map(() => 1);
  if (weights.length === adapters.length) return weights;
  throw wrongOption({
    given: `--weights ${weights.join(',')} for ${counted(adapters.length, 'adapter')}`,
    rule: 'each adapter has one weight',
    fix: 'give as many weights as adapters, in their order',
  });
}

/** Counted from 0. Throws a usage error where there is no such adapter. */
function placeOf({ adapters, savedFrom }: CombineFlags): number | undefined {
  if (savedFrom === undefined || savedFrom <= adapters.length) return savedFrom && savedFrom - 1;
  throw wrongOption({
    given: `--saved-from ${savedFrom}`,
    rule: `there are ${counted(adapters.length, 'adapter')}`,
    fix: 'give the number of one, 1 for the first',
  });
}

function span(ranks: number[]): string {
  const [least, most] = [Math.min(...ranks), Math.max(...ranks)];
  return least === most ? String(most) : `${least} to ${most}`;
}
