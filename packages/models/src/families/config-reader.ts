import { LowrankError, nearest } from '@lowrank/core/plan';
import type { JsonObject } from '@lowrank/formats';

/** Typed reads from a `config.json`; each throws `file-invalid` naming file, key and rule. */
export class ConfigReader {
  constructor(
    private readonly json: JsonObject,
    private readonly file: string,
  ) {}

  /** A whole number from `least`, 1 where left out, to `most`. */
  count(
    key: string,
    { fallback, least = 1, most = 2 ** 31 }: { fallback?: number; least?: number; most?: number } = {},
  ): number {
    const value = this.json[key] ?? fallback;
    if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
    throw this.invalid(key, value, `it must be a whole number from ${least} to ${most}`);
  }

  /** The same, where null is a word for none. */
  countOrNull(key: string, fallback: number): number | undefined {
    return this.json[key] === null ? undefined : this.count(key, { fallback });
  }

  positive(key: string, fallback?: number): number {
    const value = this.json[key] ?? fallback;
    if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
    throw this.invalid(key, value, 'it must be a finite number above 0');
  }

  number(key: string, fallback: number): number {
    const value = this.json[key] ?? fallback;
    if (Number.isFinite(value)) return value as number;
    throw this.invalid(key, value, 'it must be a finite number');
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.json[key] ?? fallback;
    if (typeof value === 'boolean') return value;
    throw this.invalid(key, value, 'it must be true or false');
  }

  /** No id, one, or a list of them. */
  ids(key: string): number[] {
    const ids = [this.json[key] ?? []].flat();
    if (ids.every((id) => Number.isSafeInteger(id) && (id as number) >= 0)) return ids as number[];
    throw this.invalid(key, this.json[key], 'it must be a token id or a list of them');
  }

  object(key: string): JsonObject {
    const value = this.json[key] ?? {};
    if (typeof value === 'object' && !Array.isArray(value)) return value as JsonObject;
    throw this.invalid(key, value, 'it must be an object');
  }

  /** One of the words that lowrank knows. Throws `model-unsupported` for another. */
  oneOf<Word extends string>(key: string, words: readonly Word[], fallback: Word): Word {
    const value = this.json[key] ?? fallback;
    if (words.includes(value as Word)) return value as Word;
    throw this.unsupported(key, value, `lowrank reads models whose ${key} is one of ${words.join(', ')}`);
  }

  /** A list of `length` of those words, where there is one. Throws `model-unsupported` for another word. */
  words<Word extends string>(key: string, words: readonly Word[], length: number): Word[] | undefined {
    const value = this.json[key] ?? undefined;
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || value.length !== length)
      throw this.invalid(key, value, `it must list ${length} words`);
    const other = value.find((word) => !words.includes(word as Word));
    if (other === undefined) return value as Word[];
    throw this.unsupported(key, other, `lowrank reads models whose ${key} are of ${words.join(', ')}`);
  }

  /** Refuses every value of `key` but `supported` (or none). Throws `model-unsupported`. */
  only(key: string, supported: string | false | null): void {
    const value = this.json[key] ?? supported;
    if (value === supported) return;
    throw this.unsupported(
      key,
      value,
      `lowrank reads models with ${supported ? `${key} "${supported}"` : `no ${key}`}`,
    );
  }

  private unsupported(key: string, value: unknown, rule: string): LowrankError {
    return new LowrankError('model-unsupported', {
      given: `${this.file}: "${key}": ${JSON.stringify(value)}`,
      rule,
      fix: 'take a model without it',
    });
  }

  /** The error `file-invalid`, naming file, key, value and rule. */
  invalid(key: string, value: unknown, rule: string): LowrankError {
    const keys = nearest(key, Object.keys(this.json), 1);
    const near = value === undefined && keys.length > 0 ? `, where the nearest key is "${keys[0]}"` : '';
    return new LowrankError('file-invalid', {
      given: `${this.file}: "${key}": ${JSON.stringify(value) ?? 'not there'}${near}`,
      rule,
      fix: 'take the config.json that belongs to the weights',
    });
  }
}
