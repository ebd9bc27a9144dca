import { LowrankError } from '@lowrank/core/plan';
import type { JsonObject } from '../io/json.js';
import type { StoredTensor } from '../safetensors/stored-tensor.js';
import type { PeftEntry, PeftEntryKind } from './entry.js';
import { prefix } from './files.js';

/**
 * The tensors of a PEFT file by module and kind, in the file's order. None is dropped.
 * Throws `config-unsupported` for a name without PEFT's prefix.
 */
export function sortTensors(file: string, tensors: ReadonlyMap<string, StoredTensor>, config: JsonObject): PeftEntry[] {
  const entries = new Map<string, PeftEntry>();
  for (const [name, tensor] of tensors) {
    if (!name.startsWith(prefix)) {
      throw new LowrankError('config-unsupported', {
        given: `"${name}" in ${file}`,
        rule: `PEFT puts the prefix "${prefix}" before each path`,
        fix: 'save the adapter with save_pretrained',
      });
    }
    const { kind, path, role } = place(name.slice(prefix.length), tensor, config);
    const key = `${group(kind)} ${path}`;
    const entry = entries.get(key) ?? { kind, path, tensors: new Map() };
    // lora_B's bias or a magnitude cannot tell a linear from a convolution; lora_A can.
    if (kind !== 'linear') entry.kind = kind;
    entry.tensors.set(role, tensor);
    entries.set(key, entry);
  }
  return [...entries.values()];
}

interface Place {
  kind: PeftEntryKind;
  path: string;
  role: string;
}

function group(kind: PeftEntryKind): string {
  return kind === 'conv' || kind === 'embedding' ? 'linear' : kind;
}

function place(name: string, { shape }: StoredTensor, config: JsonObject): Place {
  const parts = (pattern: RegExp, kind: PeftEntryKind): Place | undefined => {
    const match = pattern.exec(name);
    return match ? { kind, path: match[1] as string, role: match[2] as string } : undefined;
  };
  const saved = savedModule(name, config);
  return (
    (saved === undefined
      ? undefined
      : ({ kind: 'module', path: saved, role: name.slice(saved.length + 1) } as const)) ??
    parts(/^(.+)\.(lora_[AB]\.weight)$/, shape.length > 2 ? 'conv' : 'linear') ??
    parts(/^(.+)\.(lora_B\.bias|lora_magnitude_vector)$/, 'linear') ??
    parts(/^(.+)\.(lora_embedding_[AB])$/, 'embedding') ??
    parts(/^(.+)\.(token_adapter\.trainable_tokens_delta)$/, 'tokens') ??
    (name.includes('lora_') ? undefined : ownTensor(parts, config)) ?? { kind: 'other', path: name, role: '' }
  );
}

function ownTensor(
  parts: (pattern: RegExp, kind: PeftEntryKind) => Place | undefined,
  { bias = 'none' }: JsonObject,
): Place | undefined {
  const trained = bias === 'none' ? undefined : parts(/^(.+?)\.((?:base_layer\.)?bias)$/, 'bias');
  return trained ?? parts(/^(.+?)\.((?:base_layer\.)?(?:weight|bias))$/, 'base');
}

/** The path of the module of `modules_to_save` that a tensor belongs to: by PEFT's rule any that ends with an entry. */
function savedModule(name: string, { modules_to_save: saved }: JsonObject): string | undefined {
  if (!Array.isArray(saved)) return undefined;
  const segments = name.split('.');
  for (let end = 1; end < segments.length; end++) {
    const path = segments.slice(0, end).join('.');
    if (saved.some((module) => path.endsWith(String(module)))) return path;
  }
  return undefined;
}

/** The name of a tensor in the file. */
export function tensorName(path: string, role: string): string {
  return prefix + (role === '' ? path : `${path}.${role}`);
}
