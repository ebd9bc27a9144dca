import { bytesSource, openGguf, type GgufFile } from '@lowrank/formats';

/** What messages call the files made here. */
export const fileName = 'some/model.gguf';

/** Little-endian bytes of a number, by its DataView setter's name. */
export function number(kind: 'u8' | 'u32' | 'u64' | 'f32', value: number | bigint): Uint8Array {
  const bytes = new Uint8Array({ u8: 1, u32: 4, u64: 8, f32: 4 }[kind]);
  const view = new DataView(bytes.buffer);
  if (kind === 'u8') view.setUint8(0, Number(value));
  else if (kind === 'u32') view.setUint32(0, Number(value), true);
  else if (kind === 'u64') view.setBigUint64(0, BigInt(value), true);
  else view.setFloat32(0, Number(value), true);
  return bytes;
}

export function text(value: string | Uint8Array): Uint8Array {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  return joined(number('u64', bytes.length), bytes);
}

export function joined(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** One metadata value: its name, the code of its type, its bytes. */
export function value(name: string | Uint8Array, code: number, bytes: Uint8Array): Uint8Array {
  return joined(text(name), number('u32', code), bytes);
}

/** One tensor's entry, its sides fastest first, as GGUF has them. */
export function info(name: string, sides: (number | bigint)[], code = 0, offset: number | bigint = 0): Uint8Array {
  const counts = sides.map((side) => number('u64', side));
  return joined(text(name), number('u32', sides.length), ...counts, number('u32', code), number('u64', offset));
}

export interface GgufParts {
  magic?: number;
  version?: number;
  values?: Uint8Array[];
  infos?: Uint8Array[];
  /** What the header says, when it lies. */
  valueCount?: number | bigint;
  tensorCount?: number | bigint;
  /** Bytes of tensors after the header is filled up to 32. */
  dataBytes?: number;
}

/** The bytes of a file of any content. */
export function ggufBytes(parts: GgufParts = {}): Uint8Array {
  const { magic = 0x46554747, version = 3, values = [], infos = [], dataBytes } = parts;
  const header = joined(
    number('u32', magic),
    number('u32', version),
    number('u64', parts.tensorCount ?? infos.length),
    number('u64', parts.valueCount ?? values.length),
    ...values,
    ...infos,
  );
  if (dataBytes === undefined) return header;
  const file = new Uint8Array(Math.ceil(header.length / 32) * 32 + dataBytes);
  file.set(header);
  return file;
}

export function open(bytes: Uint8Array): Promise<GgufFile> {
  return openGguf(bytesSource(fileName, bytes));
}
