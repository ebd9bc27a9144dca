import { nearest } from '@lowrank/core';
import { dataError, kindOf } from './data-error.js';

/** An object of a JSON Lines file, and what messages call its place. */
export interface JsonLine {
  where: string;
  object: Readonly<Record<string, unknown>>;
}

/**
 * The objects of a JSON Lines file, one a line. Nothing is skipped; a byte-order mark, CRLF and one newline at the end
 * are fine.
 *
 * @param fix what an error tells to write instead
 * @throws `data-invalid`, naming `file:line` and the reason
 */
export function jsonLines(text: string, file: string, fix: string): JsonLine[] {
  const content = text.replace(/^\uFEFF/, '');
  if (content.trim() === '') throw dataError(file, 'it is empty', fix);
  const lines = content.replace(/\r?\n$/, '').split(/\r?\n/);
  return lines.map((line, index) => {
    const where = `${file}:${index + 1}`;
    return { where, object: objectOf(line, where, fix) };
  });
}

/** The text under `key` of an object. Throws `data-invalid` where there is none. */
export function textAt({ where, object }: JsonLine, key: string, fix: string): string {
  const text = valueAt({ where, object }, key, fix);
  if (typeof text !== 'string') throw dataError(where, `"${key}" is ${kindOf(text)}, not a string`, fix);
  if (text.trim() === '') throw dataError(where, `"${key}" is empty`, fix);
  return text;
}

/** What is under `key` of an object. Throws `data-invalid` where it has no such key. */
export function valueAt({ where, object }: JsonLine, key: string, fix: string): unknown {
  if (Object.hasOwn(object, key)) return object[key];
  const keys = nearest(key, Object.keys(object));
  const there = keys.length > 0 ? `nearest here: ${keys.join(', ')}` : 'the object is empty';
  throw dataError(where, `there is no "${key}" (${there})`, fix);
}

function objectOf(line: string, where: string, fix: string): JsonLine['object'] {
  if (line.trim() === '') throw dataError(where, 'the line is blank', fix);
  const value = parsed(line, where, fix);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonLine['object'];
  throw dataError(where, `the line is ${kindOf(value)}, not an object`, fix);
}

function parsed(line: string, where: string, fix: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw dataError(where, `malformed JSON (${(cause as Error).message})`, fix, cause);
  }
}
