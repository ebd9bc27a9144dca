import type { SafetensorsFile } from '@lowrank/formats';
import { tensorsOf, type ModuleSpec } from '../module-spec.js';

/**
 * A file under the names that `specs` give its tensors. A model that was saved without its head, as GPT-2's own files
 * are, leaves out the first part of them: `h.0.ln_1.weight` for `transformer.h.0.ln_1.weight`.
 */
export function withFullNames(file: SafetensorsFile, specs: ModuleSpec[]): SafetensorsFile {
  const needed = new Set(specs.flatMap(tensorsOf).map(({ name }) => name));
  const prefix = /^[^.]+\./.exec(specs[0]?.path ?? '')?.[0] ?? '';
  const isShort = (name: string) => !needed.has(name) && needed.has(prefix + name);
  const stored = new Map(Array.from(file.tensors.keys(), (name) => [isShort(name) ? prefix + name : name, name]));
  if (stored.size < file.tensors.size || [...stored].every(([full, name]) => full === name)) return file;
  const own = (name: string) => stored.get(name) ?? name;
  return {
    ...file,
    tensors: new Map(Array.from(stored, ([full, name]) => [full, file.tensors.get(name)!])),
    read: (name) => file.read(own(name)),
    readStored: (name) => file.readStored(own(name)),
    readAll: async () => {
      const all = await file.readAll();
      return new Map(Array.from(stored, ([full, name]) => [full, all.get(name)!]));
    },
  };
}
