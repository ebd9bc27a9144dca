import {
  consumers,
  encodePeftFolder,
  prepareFor,
  readPeftFolder,
  writeGgufAdapter,
  writeMlxAdapter,
  type ConsumerName,
  type FloatDtype,
  type PeftFolder,
} from '@lowrank/formats';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readBase, type Base } from '../inputs/base.js';
import { classNamesBeside } from '../inputs/class-names.js';
import { checkFits } from '../inputs/fits-base.js';
import { refuseExisting } from '../inputs/free-place.js';
import { adapterFolder } from '../inputs/hub-source.js';
import { findingLines } from '../output/compatibility-text.js';
import { reporter } from '../output/reporter.js';
import { counted } from '../output/units.js';
import { wrongOption } from '../output/usage-error.js';
import { writeAdapter } from '../output/write-adapter.js';

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
  const from = await adapterFolder(flags.adapter, flags);
  const given = await readPeftFolder(from);
  const strip = flags.strip ?? false;
  // First of all, so that nobody looks for the base of an adapter that is refused anyway.
  prepareFor(flags.for, given, { strip, given: flags.adapter });
  const base = await baseOf(flags);
  if (base) checkFits(flags.adapter, given, base);
  const { adapter, changes, maxLoraRank } = prepareFor(flags.for, given, {
    strip,
    base: base ?? {},
    given: flags.adapter,
  });
  const classNames = holdsHead(flags.for) ? await classNamesBeside(from) : undefined;
  await write(flags, adapter, { classNames, ...(base && { base }) });
  const { program } = consumers[flags.for];
  const room = maxLoraRank === undefined ? {} : { maxLoraRank };
  const modules = adapter.entries.length;
  print.event({
    type: 'result',
    for: flags.for,
    program,
    out: flags.out,
    modules,
    changes,
    ...room,
    ...(classNames && { classNames }),
  });
  if (flags.json) return;
  print.line(`adapter of ${counted(modules, 'module')} written to ${flags.out}, for ${program}`);
  for (const line of findingLines(changes)) print.line(line);
  if (maxLoraRank !== undefined) print.line(`vLLM serves it with --enable-lora --max-lora-rank ${maxLoraRank} or more`);
}

function checkOptions(flags: ExportFlags): void {
  refuseExisting(flags.out, flags.overwrite);
  if (flags.for !== 'llama.cpp' && flags.dtype !== 'F32') {
    throw wrongOption({
      given: `--dtype ${flags.dtype} --for ${flags.for}`,
      rule: 'only a file for llama.cpp is rounded; others keep the dtype that there is',
      fix: 'leave --dtype out',
    });
  }
}

/** Throws a usage error where llama.cpp's names need a base and there is none. */
async function baseOf(flags: ExportFlags): Promise<Base | undefined> {
  if (flags.model !== undefined) return readBase(flags.model, flags);
  if (flags.for !== 'llama.cpp') return undefined;
  throw wrongOption({
    given: '--for llama.cpp without --model',
    rule: 'llama.cpp names modules by their architecture, and orders rows of queries and keys by its heads',
    fix: 'add --model with the base: a Hugging Face folder (its config.json is enough for the facts) or a .gguf',
  });
}

/** Whether an adapter for that program can hold a classification head, whose classes then have names. */
function holdsHead(consumer: ConsumerName): boolean {
  return consumers[consumer].rules.classifiers === undefined;
}

async function write(
  { for: consumer, out, dtype }: ExportFlags,
  adapter: PeftFolder,
  { classNames, base }: { classNames: string[] | undefined; base?: Base },
): Promise<void> {
  if (consumer === 'mlx') {
    await writeMlxAdapter(out, adapter);
    return rm(join(out, 'classes.json'), { force: true }); // of an adapter that was here before
  }
  if (consumer !== 'llama.cpp') return writeAdapter(out, encodePeftFolder(adapter), classNames);
  const { architecture, heads, keyValueHeads } = base as Base;
  return writeGgufAdapter(out, adapter, { architecture, heads, keyValueHeads, dtype });
}
