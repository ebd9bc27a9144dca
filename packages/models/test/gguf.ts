import { withFolder } from '@lowrank/testing';
import {
  fileSource,
  openGguf,
  type GgufFile,
  type GgufTensorType,
  type GgufValue,
  type StoredGgufTensor,
} from '@lowrank/formats';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenFolder } from './golden.js';

/** A GGUF file that `tooling/goldens` wrote. */
export const goldenGguf = (name: string): string => join(goldenFolder('gguf'), `${name}.gguf`);

/** A file's parts, to be changed at will. */
export interface GgufParts {
  metadata: Map<string, GgufValue>;
  tensors: Map<string, StoredGgufTensor>;
}

export async function ggufParts(path: string): Promise<GgufParts> {
  const file: GgufFile = await openGguf(await fileSource(path));
  const tensors = new Map<string, StoredGgufTensor>();
  for (const name of file.tensors.keys()) tensors.set(name, await file.readStored(name));
  await file.close();
  return { metadata: new Map(file.metadata), tensors };
}

/** Runs `body` with the path of a golden that has been changed. */
export function withChanged(
  name: string,
  change: (parts: GgufParts) => void,
  body: (path: string) => Promise<unknown>,
): Promise<void> {
  return withFolder(async (folder) => {
    const parts = await ggufParts(goldenGguf(name));
    change(parts);
    const path = join(folder, 'model.gguf');
    await writeGguf(path, parts);
    await body(path);
  });
}

/** Whole numbers are written as uint32, others as float32. */
export async function writeGguf(path: string, { metadata, tensors }: GgufParts): Promise<void> {
  const parts: Buffer[] = [Buffer.from('GGUF'), u32(3), u64(tensors.size), u64(metadata.size)];
  for (const [key, value] of metadata) parts.push(text(key), ...encoded(value));
  let end = 0;
  for (const [name, { type, shape, bytes }] of tensors) {
    parts.push(text(name), u32(shape.length), ...shape.toReversed().map(u64), u32(codes[type] as number), u64(end));
    end = aligned(end + bytes.length);
  }
  const header = Buffer.concat(parts);
  const file = Buffer.alloc(aligned(header.length) + end);
  file.set(header);
  let at = aligned(header.length);
  for (const { bytes } of tensors.values()) {
    file.set(bytes, at);
    at = aligned(at + bytes.length);
  }
  await writeFile(path, file);
}

const codes: Partial<Record<GgufTensorType, number>> = {
  F32: 0,
  F16: 1,
  Q4_0: 2,
  Q4_1: 3,
  Q5_0: 6,
  Q5_1: 7,
  Q8_0: 8,
  Q4_K: 12,
  Q5_K: 13,
  Q6_K: 14,
  I32: 26,
  BF16: 30,
};

function encoded(value: GgufValue): Buffer[] {
  if (typeof value === 'string') return [u32(8), text(value)];
  if (typeof value === 'boolean') return [u32(7), Buffer.of(Number(value))];
  if (typeof value === 'number') return Number.isInteger(value) ? [u32(4), u32(value)] : [u32(6), f32(value)];
  if (Array.isArray(value)) return [u32(9), u32(8), u64(value.length), ...(value as string[]).map(text)];
  const numbers = Array.from(value as Int32Array);
  return [u32(9), u32(6), u64(numbers.length), ...numbers.map(f32)];
}

const aligned = (byte: number) => Math.ceil(byte / 32) * 32;
const text = (value: string) => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}
