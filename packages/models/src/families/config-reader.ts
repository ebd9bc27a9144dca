import { LowrankError, nearest } from '@lowrank/core';
import type { JsonObject } from '@lowrank/formats';

/** Typed reads from a `config.json`; each throws `file-invalid` naming file, key and rule. */
export class ConfigReader {
  constructor(
    private readonly json: JsonObject,
    private readonly file: string,
  ) {}

  /** A whole number from 1 to `most`. */
  count(key: string, { fallback, most = 2 ** 31 }: { fallback?: number; most?: number } = {}): number {
    const value = this.json[key] ?? fallback;
    if (Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= most) return value as number;
    throw this.invalid(key, value, `it must be a whole number from 1 to ${most}`);
  }

  positive(key: string, fallback: number): number {
    const value = this.json[key] ?? fallback;
    if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
    throw this.invalid(key, value, 'it must be a finite number above 0');
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

  /** Refuses every value of `key` but `supported` (or none). Throws `model-unsupported`. */
  only(key: string, supported: string | false | null): void {
    const value = this.json[key] ?? supported;
    if (value === supported) return;
    throw new LowrankError('model-unsupported', {
      given: `${this.file}: "${key}": ${JSON.stringify(value)}`,
      rule: `lowrank reads models with ${supported ? `${key} "${supported}"` : `no ${key}`}`,
      fix: 'take a model without it',
    });
  }

  private invalid(key: string, value: unknown, rule: string): LowrankError {
    const keys = nearest(key, Object.keys(this.json), 1);
    const near = value === undefined && keys.length > 0 ? `, where the nearest key is "${keys[0]}"` : '';
    return new LowrankError('file-invalid', {
      given: `${this.file}: "${key}": ${JSON.stringify(value) ?? 'not there'}${near}`,
      rule,
      fix: 'take the config.json that belongs to the weights',
    });
  }
}
