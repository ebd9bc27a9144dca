import { LowrankError } from '@lowrank/core/plan';
import { layOut } from './layout.js';
import type { StoredTensor } from './stored-tensor.js';

/**
 * The bytes of a safetensors file, laid out as the reference implementation does. The same tensors give the same bytes.
 * Throws `shape-mismatch` when a shape and its bytes disagree.
 */
export function encodeStored(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const { header, lengths } = layOut(tensors, metadata);
  const file = new Uint8Array([...lengths.values()].reduce((size, length) => size + length, header.length));
  file.set(header);
  let offset = header.length;
  for (const [name, length] of lengths) {
    const tensor = tensors.get(name) as StoredTensor;
    checkLength(name, tensor, length);
    file.set(tensor.bytes, offset);
    offset += length;
  }
  return file;
}

/** Throws `shape-mismatch` unless a tensor has the bytes that its place in the file is for. */
export function checkLength(name: string, { dtype, shape, bytes }: StoredTensor, length: number): void {
  if (bytes.length === length) return;
  throw new LowrankError('shape-mismatch', {
    given: `tensor "${name}" of ${dtype} and shape [${shape.join(', ')}] with ${bytes.length} bytes`,
    rule: `shape and values must agree, and it takes ${length}`,
    fix: 'give each tensor its own shape',
  });
}
