import { loraConfig, LowrankError, loraTensorName, type Adapter, type LoraRole, type PlainTensor } from '@lowrank/core';
import { checkFactors } from '../adapter/check-factors.js';
import { commonest } from '../adapter/common-scaling.js';
import { checkFinite } from '../adapter/check-finite.js';
import { fileSource, type ByteSource } from '../io/source.js';
import { shown } from '../io/shown.js';
import { transposed } from '../transposed.js';
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
 * LoRA adapter or adapts what lowrank has no name for, `config-invalid` without the heads that a Llama needs.
 *
 * @param from a path, or where its bytes come from, which is closed
 */
export async function readGgufAdapter(
  from: string | ByteSource,
  options: ReadGgufAdapterOptions = {},
): Promise<Adapter> {
  const file = await openGguf(typeof from === 'string' ? await fileSource(from) : from);
  try {
    return await readAdapter(file, options);
  } finally {
    await file.close();
  }
}

async function readAdapter(file: GgufFile, options: ReadGgufAdapterOptions): Promise<Adapter> {
  const { architecture, alpha } = readMetadata(file);
  const names = moduleNames(file.name, architecture);
  const factors = Array.from(file.tensors, ([name, { shape }]) => {
    const { module, role } = parseName(file.name, name);
    return { name, module, role, path: names.toPath(module), shape: shape.toReversed() };
  });
  const ranks = new Map(
    factors.filter(({ role }) => role === 'lora_A').map(({ path, shape }) => [path, shape[1] ?? 0]),
  );
  const config = configOf(file.name, ranks, alpha);
  checkFactors(file.name, factors, config);
  const tensors = new Map<string, PlainTensor>();
  for (const { name, module, role, path } of factors) {
    const tensor = await file.read(name);
    checkFinite(`"${name}" in ${file.name}`, tensor.data);
    const whose = role === 'lora_B' ? names.rotaryOf(module) : undefined;
    const rows = whose ? halvedRotary(tensor, headsOf(options, whose, module)) : tensor;
    tensors.set(loraTensorName(path, role), transposed(rows));
  }
  return { config, tensors };
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

function parseName(file: string, name: string): { module: string; role: LoraRole } {
  const match = /^(.+)\.weight\.lora_([ab])$/.exec(name);
  if (match) return { module: match[1] as string, role: match[2] === 'a' ? 'lora_A' : 'lora_B' };
  throw new LowrankError('config-unsupported', {
    given: `"${name}" in ${file}`,
    rule: 'lowrank reads "<module>.weight.lora_a" and ".lora_b"',
    fix: 'use an adapter of linear layers only',
  });
}

/** An alpha of 0, or none, means a scaling of 1 to llama.cpp. */
function configOf(file: string, ranks: Map<string, number>, alpha: number): Adapter['config'] {
  if (ranks.size === 0 || [...ranks.values()].includes(0)) {
    throw new LowrankError('adapter-mismatch', {
      given: file,
      rule: ranks.size === 0 ? 'it holds no factors' : 'it holds factors of rank 0',
      fix: 'get or save the whole adapter again',
    });
  }
  const rank = commonest([...ranks.values()]);
  const others = Object.fromEntries([...ranks].filter(([, own]) => own !== rank));
  return loraConfig({
    rank,
    alpha: alpha || rank,
    targetModules: [...ranks.keys()].sort(),
    rankPattern: others,
    alphaPattern: alpha ? {} : others,
  });
}
