import {
  consumers,
  prepareFor,
  readPeftFolder,
  writeGgufAdapter,
  writeMlxAdapter,
  writePeftFolder,
  type ConsumerName,
  type FloatDtype,
  type PeftFolder,
} from '@lowrank/formats';
import { readBase, type Base } from '../inputs/base.js';
import { checkFits } from '../inputs/fits-base.js';
import { refuseExisting } from '../inputs/free-place.js';
import { adapterFolder } from '../inputs/hub-source.js';
import { findingLines } from '../output/compatibility-text.js';
import { reporter } from '../output/reporter.js';
import { counted } from '../output/units.js';
import { wrongOption } from '../output/usage-error.js';

export interface ExportFlags {
  adapter: string;
  for: ConsumerName;
  model?: string;
  out: string;
  strip?: boolean;
  dtype: FloatDtype;
  overwrite?: boolean;
  offline?: boolean;
  json?: boolean;
}

/** Writes an adapter for another program, and says what had to change. */
export async function runExport(flags: ExportFlags): Promise<void> {
  const print = reporter(flags.json ?? false);
  checkOptions(flags);
  const base = flags.model === undefined ? undefined : await readBase(flags.model, flags);
  const given = await readPeftFolder(await adapterFolder(flags.adapter, flags));
  if (base) checkFits(flags.adapter, given, base);
  const options = { strip: flags.strip ?? false, base: base ?? {}, given: flags.adapter };
  const { adapter, changes, maxLoraRank } = prepareFor(flags.for, given, options);
  await write(flags, adapter, base);
  const { program } = consumers[flags.for];
  const room = maxLoraRank === undefined ? {} : { maxLoraRank };
  const modules = adapter.entries.length;
  print.event({ type: 'result', for: flags.for, program, out: flags.out, modules, changes, ...room });
  if (flags.json) return;
  print.line(`adapter of ${counted(modules, 'module')} written to ${flags.out}, for ${program}`);
  for (const line of findingLines(changes)) print.line(line);
  if (maxLoraRank !== undefined) print.line(`vLLM serves it with --enable-lora --max-lora-rank ${maxLoraRank} or more`);
}

function checkOptions(flags: ExportFlags): void {
  refuseExisting(flags.out, flags.overwrite);
  if (flags.for === 'llama.cpp' && flags.model === undefined) {
    throw wrongOption({
      given: '--for llama.cpp without --model',
      rule: 'llama.cpp names modules by their architecture, and orders rows of queries and keys by its heads',
      fix: 'add --model with the base: a Hugging Face folder (its config.json is enough for the facts) or a .gguf',
    });
  }
  if (flags.for !== 'llama.cpp' && flags.dtype !== 'F32') {
    throw wrongOption({
      given: `--dtype ${flags.dtype} --for ${flags.for}`,
      rule: 'only a file for llama.cpp is rounded; others keep the dtype that there is',
      fix: 'leave --dtype out',
    });
  }
}

async function write({ for: consumer, out, dtype }: ExportFlags, adapter: PeftFolder, base?: Base): Promise<void> {
  if (consumer === 'mlx') return writeMlxAdapter(out, adapter);
  if (consumer !== 'llama.cpp') return writePeftFolder(out, adapter);
  const { architecture, heads, keyValueHeads } = base as Base;
  return writeGgufAdapter(out, adapter, { architecture, heads, keyValueHeads, dtype });
}
