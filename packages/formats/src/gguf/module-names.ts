import { LowrankError } from '@lowrank/core/plan';
import { architectureOf, headedPath, renamed, rotaryOf } from './architectures.js';

export interface ModuleNames {
  /** Hugging Face's path, of a model with or without a head -> llama.cpp's name without `.weight`. Throws `config-unsupported` for a path it lacks. */
  toGguf(path: string): string;
  /** The way back. Throws `config-unsupported`. */
  toPath(name: string): string;
  /** Whether this module's rows are reordered, and by whose heads. Takes llama.cpp's name. */
  rotaryOf(name: string): 'heads' | 'keyValueHeads' | undefined;
}

/** Throws `config-unsupported` for an architecture that lowrank has no names for. */
export function moduleNames(given: string, architecture: string): ModuleNames {
  const names = architectureOf(given, architecture);
  const { blocks, linears } = names;
  const paths = Object.fromEntries(Object.entries(linears).map(([path, name]) => [name, path]));
  return {
    toGguf: (path) =>
      (path === 'lm_head' ? 'output' : renamed(headedPath(names, path), blocks, 'blk', linears)) ??
      refuse(`module "${path}" of ${given}`, `"${blocks}.<n>." and one of ${Object.keys(linears).join(', ')}`),
    toPath: (name) =>
      (name === 'output' ? 'lm_head' : renamed(name, 'blk', blocks, paths)) ??
      refuse(`module "${name}" in ${given}`, `"blk.<n>." and one of ${Object.keys(paths).join(', ')}`),
    rotaryOf: (name) => rotaryOf(names, name),
  };
}

function refuse(given: string, rule: string): never {
  throw new LowrankError('config-unsupported', {
    given,
    rule: `the linears that llama.cpp adapts are ${rule}`,
    fix: 'leave it out of the targets',
  });
}
