import { bytesSource, openSafetensors, type SafetensorsFile } from '@lowrank/formats';

/** What messages call the files made here. */
export const fileName = 'some/model.safetensors';

/** The bytes of a file with any header: text, bytes, or a value to be written as JSON. */
export function safetensorsBytes(header: unknown, dataBytes = 0, headerLength?: bigint): Uint8Array {
  const text = header instanceof Uint8Array ? header : new TextEncoder().encode(asText(header));
  const file = new Uint8Array(8 + text.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, headerLength ?? BigInt(text.length), true);
  file.set(text, 8);
  return file;
}

export function open(bytes: Uint8Array): Promise<SafetensorsFile> {
  return openSafetensors(bytesSource(fileName, bytes));
}

function asText(header: unknown): string {
  return typeof header === 'string' ? header : JSON.stringify(header);
}
