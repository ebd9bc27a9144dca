import { LowrankError } from '@lowrank/core/plan';
import type { StoredTensor } from '../safetensors/stored-tensor.js';
import type { PeftEntry } from './entry.js';

/**
 * The tensors of a module of `modules_to_save` by its own names. With `bias: all` PEFT writes its biases thrice: so, as
 * `modules_to_save.bias` with the same values, and as `original_module.bias` with the base's, which the module replaces.
 * Throws `adapter-mismatch` where the first two differ.
 */
export function savedOnce(file: string, { path, tensors }: PeftEntry): Map<string, StoredTensor> {
  const own = new Map<string, StoredTensor>();
  for (const [role, tensor] of tensors) {
    if (role.startsWith('original_module.')) continue;
    const name = role.replace(/^modules_to_save\./, '');
    const other = own.get(name);
    if (other && !isSame(other, tensor)) throw differing(file, `${path}.${name}`);
    own.set(name, tensor);
  }
  return own;
}

function isSame(one: StoredTensor, other: StoredTensor): boolean {
  const alike = one.dtype === other.dtype && one.shape.join() === other.shape.join();
  return alike && one.bytes.every((byte, at) => byte === other.bytes[at]);
}

function differing(file: string, name: string): LowrankError {
  return new LowrankError('adapter-mismatch', {
    given: `"${name}" in ${file}`,
    rule: 'it is there twice, under its own name and under modules_to_save, with other values',
    fix: 'get or save the whole adapter again',
  });
}
