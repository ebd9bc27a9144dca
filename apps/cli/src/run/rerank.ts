import { rerank } from '@lowrank/combine';
import { encodePeft, readPeft } from '@lowrank/formats';
import { classNamesBeside } from '../inputs/class-names.js';
import { refuseExisting } from '../inputs/free-place.js';
import { adapterFolder } from '../inputs/hub-source.js';
import { sizeOf, type SizeFlags } from '../inputs/size-flags.js';
import { reporter } from '../output/reporter.js';
import { table } from '../output/table.js';
import { counted } from '../output/units.js';
import { writeAdapter } from '../output/write-adapter.js';

export interface RerankFlags extends SizeFlags {
  adapter: string;
  out: string;
  overwrite?: boolean;
  offline?: boolean;
  json?: boolean;
}

/** Writes the adapter at smaller ranks, and says what each module loses. */
export async function runRerank(flags: RerankFlags): Promise<void> {
  const print = reporter(flags.json ?? false);
  const size = sizeOf(flags);
  refuseExisting(flags.out, flags.overwrite);
  const from = await adapterFolder(flags.adapter, flags);
  const { adapter, modules } = rerank(await readPeft(from), size);
  const classNames = await classNamesBeside(from);
  await writeAdapter(flags.out, encodePeft(adapter), classNames);
  print.event({ type: 'result', out: flags.out, modules, config: adapter.config });
  if (flags.json) return;
  const rows = modules.map(({ path, from, rank, error }) => [path, String(from), String(rank), error.toExponential(1)]);
  for (const line of table([['module', 'from rank', 'to rank', 'relative error'], ...rows])) print.line(line);
  print.line();
  print.line(`adapter of ${counted(modules.length, 'module')} written to ${flags.out}`);
}
