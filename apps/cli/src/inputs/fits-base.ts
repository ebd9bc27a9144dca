import { LowrankError, nearest } from '@lowrank/core';
import type { PeftEntry, PeftFolder } from '@lowrank/formats';
import type { Base } from './base.js';

/**
 * Checks that each linear and embedding that an adapter changes is in its base, and of the same shape.
 * Throws `adapter-mismatch` naming module and shapes.
 *
 * @param given what messages call the adapter
 */
export function checkFits(
  given: string,
  { entries }: PeftFolder,
  base: Pick<Base, 'given' | 'architecture' | 'modules'>,
): void {
  if (!base.modules) return;
  const known = new Map(base.modules.map((module) => [module.path, module]));
  for (const entry of entries) {
    if (entry.kind !== 'linear' && entry.kind !== 'embedding') continue;
    const module = known.get(entry.path) ?? known.get(otherName(entry.path, base));
    if (!module) {
      const near = nearest(entry.path, known.keys()).join(', ');
      throw mismatch(`"${entry.path}" in ${given}`, `${base.given} has no such module (nearest here: ${near})`);
    }
    const [ours, theirs] = [sidesOf(entry), module.in === undefined ? undefined : [module.in, module.out]];
    if (theirs && ours.join() !== theirs.join()) {
      throw mismatch(
        `"${entry.path}" in ${given} adapts ${ours.join(' x ')}`,
        `in ${base.given} it is ${theirs.join(' x ')} (in x out)`,
      );
    }
  }
}

/** A BERT's encoder is `bert.encoder` beneath a head and `encoder` without one: the folder has either, and is both. */
function otherName(path: string, { architecture }: Pick<Base, 'architecture'>): string {
  if (architecture !== 'bert') return path;
  return path.startsWith('bert.') ? path.slice('bert.'.length) : `bert.${path}`;
}

/** Features in and out; of an embedding words and features. */
function sidesOf({ kind, tensors }: PeftEntry): number[] {
  const [a, b] = kind === 'linear' ? ['lora_A.weight', 'lora_B.weight'] : ['lora_embedding_A', 'lora_embedding_B'];
  return [tensors.get(a)?.shape[1] ?? 0, tensors.get(b)?.shape[0] ?? 0];
}

function mismatch(given: string, rule: string): LowrankError {
  return new LowrankError('adapter-mismatch', { given, rule, fix: 'name the base that the adapter was trained on' });
}
