import { LowrankError, type Adapter, type PlainTensor } from '@lowrank/core/plan';
import type { ModuleUpdate } from '../adapter/module-update.js';
import { checkFinite } from '../adapter/check-finite.js';
import { adapterOf, folderOf } from '../adapter/folder-of.js';
import { pairUp, type NamedFactor } from '../adapter/pair-up.js';
import { fileSource, type ByteSource } from '../io/source.js';
import { shown } from '../io/shown.js';
import type { PeftFolder } from '../peft/read-peft-folder.js';
import { transposed } from '../transposed.js';
import { embeddingPath } from './embedding-names.js';
import { moduleNames } from './module-names.js';
import { openGguf, type GgufFile } from './read.js';
import { halvedRotary } from './rotary-rows.js';
import { headsOf, type GgufAdapterOptions } from './write-adapter.js';

export type ReadGgufAdapterOptions = Pick<GgufAdapterOptions, 'heads' | 'keyValueHeads'>;

/**
 * Reads a LoRA adapter from the GGUF file that llama.cpp's converter or `writeGgufAdapter` made. Its targets are the
 * whole paths of the modules that it adapts, by Hugging Face's names; queries and keys of a Llama come back in Hugging
 * Face's order. Node only when given a path.
 * Throws `file-missing`, `file-invalid`, `adapter-mismatch`, `not-finite`, `config-unsupported` for a file that is no
 * LoRA adapter or adapts what lowrank has no name for, `config-invalid` without the heads that a Llama needs; and
 * `config-unsupported` for an adapter of the embedding, which `readGgufAsPeft` reads.
 *
 * @param from a path, or where its bytes come from, which is closed
 */
export async function readGgufAdapter(
  from: string | ByteSource,
  options: ReadGgufAdapterOptions = {},
): Promise<Adapter> {
  return adapterOf(typeof from === 'string' ? from : from.name, await readModules(from, options));
}

/** The same as PEFT's files would have it, with an adapter of the embedding too. */
export async function readGgufAsPeft(
  from: string | ByteSource,
  options: ReadGgufAdapterOptions = {},
): Promise<PeftFolder> {
  return folderOf(await readModules(from, options));
}

async function readModules(from: string | ByteSource, options: ReadGgufAdapterOptions): Promise<ModuleUpdate[]> {
  const file = await openGguf(typeof from === 'string' ? await fileSource(from) : from);
  try {
    const { architecture, alpha } = readMetadata(file);
    const names = moduleNames(file.name, architecture);
    const factors = Array.from(file.tensors, ([name, { shape }]): NamedFactor => {
      const { module, role } = parseName(file.name, name);
      const embedding = embeddingPath(architecture, module);
      const own = embedding !== undefined && role === 'a' ? shape : shape.toReversed();
      return { name, path: embedding ?? names.toPath(module), role, shape: own };
    });
    const modules: ModuleUpdate[] = [];
    for (const { path, a, b, rank } of pairUp(file.name, factors, { magnitudes: false })) {
      const { module } = parseName(file.name, a);
      const [first, second] = [await readFinite(file, a), await readFinite(file, b)];
      // An alpha of 0, or none, means a scaling of 1 to llama.cpp.
      const scale = { rank, alpha: alpha || rank };
      if (embeddingPath(architecture, module) !== undefined) {
        modules.push({ kind: 'embedding', path, a: first, b: transposed(second), ...scale });
        continue;
      }
      const whose = names.rotaryOf(module);
      const rows = whose ? halvedRotary(second, headsOf(options, whose, module)) : second;
      modules.push({ kind: 'linear', path, a: transposed(first), b: transposed(rows), ...scale });
    }
    return modules;
  } finally {
    await file.close();
  }
}

async function readFinite(file: GgufFile, name: string): Promise<PlainTensor> {
  const tensor = await file.read(name);
  checkFinite(`"${name}" in ${file.name}`, tensor.data);
  return tensor;
}

function readMetadata({ name, metadata }: GgufFile): { architecture: string; alpha: number } {
  const expected = { 'general.type': 'adapter', 'adapter.type': 'lora' };
  for (const [key, value] of Object.entries(expected)) {
    if (metadata.get(key) !== value) throw refused(name, `its "${key}" is ${shown(metadata.get(key))}, not "${value}"`);
  }
  const invocation = 'adapter.alora.invocation_tokens';
  if (metadata.has(invocation))
    throw refused(name, `its "${invocation}" asks for activated LoRA, which lowrank does not do`);
  const architecture = metadata.get('general.architecture');
  const alpha = metadata.get('adapter.lora.alpha') ?? 0;
  if (typeof architecture !== 'string') throw refused(name, 'it has no "general.architecture"');
  if (typeof alpha !== 'number' || !Number.isFinite(alpha) || alpha < 0) {
    throw refused(name, `its "adapter.lora.alpha" is ${String(alpha)}, no number of 0 or more`);
  }
  return { architecture, alpha };
}

function refused(given: string, rule: string): LowrankError {
  return new LowrankError('config-unsupported', { given, rule, fix: 'give a LoRA adapter made for llama.cpp' });
}

function parseName(file: string, name: string): { module: string; role: 'a' | 'b' } {
  const match = /^(.+)\.weight\.lora_([ab])$/.exec(name);
  if (match) return { module: match[1] as string, role: match[2] as 'a' | 'b' };
  throw new LowrankError('config-unsupported', {
    given: `"${name}" in ${file}`,
    rule: 'lowrank reads "<module>.weight.lora_a" and ".lora_b"',
    fix: 'use an adapter of linear layers and embeddings only',
  });
}
