import { LowrankError } from '@lowrank/core';
import type { SafetensorsFile } from '@lowrank/formats';
import type { Family } from '../families/family-reader.js';
import { tensorsOf } from '../module-spec.js';

/** What says how a family's tensors are called. */
export type Naming = Pick<Family<unknown>, 'specs' | 'nameOf'>;

/**
 * A file under the names that `specs` give its tensors. A model that was saved without its head, as GPT-2's own files
 * are, leaves out the first part of them: `h.0.ln_1.weight` for `transformer.h.0.ln_1.weight`. What the family does not
 * take is not there. Throws `file-invalid` for a tensor under two of its names.
 */
export function underOwnNames(file: SafetensorsFile, { specs, nameOf = (name) => name }: Naming): SafetensorsFile {
  const needed = new Set(specs.flatMap(tensorsOf).map(({ name }) => name));
  const prefix = /^[^.]+\./.exec(specs[0]?.path ?? '')?.[0] ?? '';
  const full = (name: string) => (!needed.has(name) && needed.has(prefix + name) ? prefix + name : name);
  const names = Array.from(file.tensors.keys(), (stored) => ({ stored, own: nameOf(stored) }));
  const taken = names.flatMap(({ stored, own }) => (own === undefined ? [] : [[full(own), stored] as const]));
  const storedBy = new Map(taken);
  const twice = taken.find(([name, own]) => storedBy.get(name) !== own);
  if (twice) throw sameTensor(file.name, twice[1], storedBy.get(twice[0]) as string);
  const stored = (name: string) => storedBy.get(name) ?? name;
  return {
    ...file,
    tensors: new Map(taken.map(([name, own]) => [name, file.tensors.get(own)!])),
    read: (name) => file.read(stored(name)),
    readStored: (name) => file.readStored(stored(name)),
    readAll: async () => {
      const all = await file.readAll();
      return new Map(taken.map(([name, own]) => [name, all.get(own)!]));
    },
  };
}

function sameTensor(file: string, one: string, other: string): LowrankError {
  return new LowrankError('file-invalid', {
    given: `${file}: "${one}" and "${other}"`,
    rule: 'both are names of the same tensor',
    fix: 'fetch the weights again',
  });
}
