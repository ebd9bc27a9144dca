import { LowrankError } from '@lowrank/core/plan';
import { jsonFlaw } from './json-flaw.js';
import { fileSource } from './source.js';

/** A JSON object as it came from a file: nothing in it is checked yet. */
export type JsonObject = { [key: string]: unknown };

/** The JSON object in a file, Node only. Throws `file-missing`, or `file-invalid` for anything but one object. */
export async function readJsonObject(path: string): Promise<JsonObject> {
  const source = await fileSource(path);
  try {
    return parseJsonObject(path, await source.read(0, source.size));
  } finally {
    await source.close();
  }
}

/** The JSON object in `bytes`; `name` is what messages call it. Throws `file-invalid`, as for a key given twice. */
export function parseJsonObject(name: string, bytes: Uint8Array): JsonObject {
  const text = decode(name, bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(name, `it is no valid JSON (${(cause as Error).message})`, cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(name, 'its JSON is not an object');
  }
  const flaw = jsonFlaw(text);
  if (flaw !== undefined) throw invalid(name, flaw);
  return value as JsonObject;
}

function decode(name: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw invalid(name, 'its text is not UTF-8', cause);
  }
}

function invalid(name: string, rule: string, cause?: unknown): LowrankError {
  return new LowrankError('file-invalid', { given: name, rule, fix: 'get or make the file again', cause });
}
