import type { JsonObject } from '@lowrank/formats';
import { ConfigReader } from './config-reader.js';

/**
 * The names of a classifier's classes by number: `id2label` of its `config.json`. transformers leaves it out for two
 * classes without names.
 *
 * @throws `file-invalid` unless it numbers names from 0 on
 */
export function configClassNames(json: JsonObject, file: string): string[] {
  const config = new ConfigReader(json, file);
  const labels = config.object('id2label');
  const count = Object.keys(labels).length || 2;
  if (Object.keys(labels).length === 0) return generic(count);
  return Array.from({ length: count }, (_, index) => {
    const name = labels[index];
    if (typeof name === 'string') return name;
    throw config.invalid('id2label', labels, `it must go from "0" to "${count - 1}" to names`);
  });
}

/** Whether they are the names that transformers gives to classes without one. */
export function areGeneric(names: readonly string[]): boolean {
  return names.join('\n') === generic(names.length).join('\n');
}

const generic = (count: number) => Array.from({ length: count }, (_, index) => `LABEL_${index}`);
