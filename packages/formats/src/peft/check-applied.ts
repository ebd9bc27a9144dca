import { LowrankError } from '@lowrank/core/plan';
import { entryKinds, type PeftEntry, type PeftEntryKind } from './entry.js';
import { prefix } from './files.js';

const applied: ReadonlySet<PeftEntryKind> = new Set(['linear', 'conv', 'embedding', 'module', 'bias', 'tokens']);

/** Throws `config-unsupported`, by name, for a tensor that lowrank cannot apply. */
export function checkApplied(given: string, entries: PeftEntry[]): void {
  const stray = entries.find((entry) => !isApplied(entry) && !isTableOf(entry, entries));
  if (!stray) return;
  const { kind, path, tensors } = stray;
  const role = tensors.keys().next().value;
  throw new LowrankError('config-unsupported', {
    given: `"${prefix}${path}${role && `.${role}`}" in ${given}`,
    rule: `it is ${entryKinds[kind]}, which lowrank cannot apply`,
    fix: 'use an adapter without it',
  });
}

/** Convolutions over one axis of space or two. */
function isApplied({ kind, tensors }: PeftEntry): boolean {
  return applied.has(kind) && (tensors.get('lora_A.weight')?.shape.length ?? 0) <= 4;
}

/** The table that PEFT saves beside the factors of an embedding. */
function isTableOf({ kind, path, tensors }: PeftEntry, entries: PeftEntry[]): boolean {
  const alone = kind === 'base' && [...tensors.keys()].join() === 'base_layer.weight';
  return alone && entries.some((entry) => entry.kind === 'embedding' && entry.path === path);
}
