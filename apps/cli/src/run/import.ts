import { LowrankError } from '@lowrank/core';
import { readGgufAsPeft, readMlxAsPeft, writePeftFolder, type PeftFolder } from '@lowrank/formats';
import { readBase } from '../inputs/base.js';
import { checkFits } from '../inputs/fits-base.js';
import { refuseExisting } from '../inputs/free-place.js';
import { kindOf } from '../inspect/kind-of.js';
import { reporter } from '../output/reporter.js';
import { counted } from '../output/units.js';
import { wrongOption } from '../output/usage-error.js';

export interface ImportFlags {
  adapter: string;
  model?: string;
  out: string;
  overwrite?: boolean;
  offline?: boolean;
  json?: boolean;
}

/** Writes another program's adapter as a PEFT folder. */
export async function runImport(flags: ImportFlags): Promise<void> {
  const print = reporter(flags.json ?? false);
  refuseExisting(flags.out, flags.overwrite);
  const base = flags.model === undefined ? undefined : await readBase(flags.model, flags);
  const { format, adapter } = await read(flags.adapter, base);
  if (base) checkFits(flags.adapter, adapter, base);
  const named = { ...adapter, config: { ...adapter.config, base_model_name_or_path: flags.model ?? null } };
  await writePeftFolder(flags.out, named);
  const modules = adapter.entries.length;
  print.event({ type: 'result', format, out: flags.out, modules, config: named.config });
  if (!flags.json) print.line(`adapter of ${counted(modules, 'module')} written to ${flags.out}, as PEFT writes it`);
}

async function read(
  path: string,
  heads: { heads: number; keyValueHeads: number } | undefined,
): Promise<{ format: 'gguf' | 'mlx'; adapter: PeftFolder }> {
  const kind = await kindOf(path);
  if (kind === 'mlx') return { format: 'mlx', adapter: await readMlxAsPeft(path) };
  if (kind === 'gguf') return { format: 'gguf', adapter: await readGguf(path, heads) };
  throw wrongOption({
    given: path,
    rule: kind === 'peft' ? 'it is a PEFT folder already' : 'it is no adapter of llama.cpp or MLX-LM',
    fix: 'give a .gguf adapter, or a folder with adapters.safetensors',
  });
}

async function readGguf(
  path: string,
  heads: { heads: number; keyValueHeads: number } | undefined,
): Promise<PeftFolder> {
  try {
    return await readGgufAsPeft(path, heads ?? {});
  } catch (error) {
    if (heads || !LowrankError.is(error, 'config-invalid')) throw error;
    const { given, rule } = error;
    throw wrongOption({ given: `${path} without --model (${given})`, rule, fix: 'add --model with the base' });
  }
}
