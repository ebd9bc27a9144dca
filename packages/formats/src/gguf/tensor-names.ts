import { architectureOf, renamed, rotaryOf } from './architectures.js';

export interface GgufTensorName {
  name: string;
  /** Whose heads the converter has reordered its rows by: see `halvedRotary`. */
  rotary?: 'heads' | 'keyValueHeads';
}

/**
 * What llama.cpp calls a tensor of a whole model, or undefined for one that it does not keep.
 * Throws `config-unsupported` for an architecture that lowrank has no names for.
 *
 * @param given what messages call the file @param tensor Hugging Face's name, such as `model.norm.weight`
 */
export function ggufTensorName(given: string, architecture: string, tensor: string): GgufTensorName | undefined {
  const names = architectureOf(given, architecture);
  const { blocks, linears, norms, outside } = names;
  const dot = tensor.lastIndexOf('.');
  const path = tensor.slice(0, dot);
  const module = Object.hasOwn(outside, path) ? outside[path] : renamed(path, blocks, 'blk', { ...linears, ...norms });
  if (module === undefined) return undefined;
  const rotary = rotaryOf(names, module);
  return { name: `${module}${tensor.slice(dot)}`, ...(rotary && { rotary }) };
}
