import { LowrankError, nearest } from '@lowrank/core';

export interface JsonlOptions {
  /** The key of the text. Default `text`. */
  field?: string | undefined;
}

/**
 * The texts of a JSON Lines file: one object a line, with its text under one key. Nothing is skipped.
 *
 * @param text the whole file; a byte-order mark is fine
 * @param file what messages call it
 * @throws `data-invalid`, naming `file:line` and the reason
 */
export function parseJsonl(text: string, file: string, { field = 'text' }: JsonlOptions = {}): string[] {
  const content = text.replace(/^\uFEFF/, '');
  if (content.trim() === '') throw refused(file, 'it is empty', field);
  const lines = content.replace(/\r?\n$/, '').split(/\r?\n/);
  return lines.map((line, index) => textOf(line, `${file}:${index + 1}`, field));
}

function textOf(line: string, where: string, field: string): string {
  if (line.trim() === '') throw refused(where, 'the line is blank', field);
  const value = parsed(line, where, field);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refused(where, `the line is ${kindOf(value)}, not an object`, field);
  }
  if (!Object.hasOwn(value, field)) {
    const keys = nearest(field, Object.keys(value));
    const there = keys.length > 0 ? `nearest here: ${keys.join(', ')}` : 'the object is empty';
    throw refused(where, `there is no "${field}" (${there})`, field);
  }
  const text = (value as Record<string, unknown>)[field];
  if (typeof text !== 'string') throw refused(where, `"${field}" is ${kindOf(text)}, not a string`, field);
  if (text.trim() === '') throw refused(where, `"${field}" is empty`, field);
  return text;
}

function parsed(line: string, where: string, field: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw refused(where, `malformed JSON (${(cause as Error).message})`, field, cause);
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function refused(given: string, rule: string, field: string, cause?: unknown): LowrankError {
  return new LowrankError('data-invalid', {
    given,
    rule,
    fix: `write one object a line, such as {"${field}": "..."}`,
    cause,
  });
}
