import { LowrankError, nearest } from '@lowrank/core';
import type { GgufFile } from '@lowrank/formats';

/** Typed reads from a GGUF file's metadata; each throws `file-invalid` naming file, key and rule. */
export class Metadata {
  readonly #read = new Set<string>();

  constructor(private readonly gguf: Pick<GgufFile, 'name' | 'metadata'>) {}

  has(key: string): boolean {
    return this.gguf.metadata.has(key);
  }

  count(key: string, fallback?: number): number {
    const value = this.#value(key) ?? fallback;
    if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
    throw this.invalid(key, 'it must be a whole number above 0');
  }

  /** The shortest decimal that rounds to the float32 that the file has, as a `config.json` spells it. */
  positive(key: string, fallback?: number): number {
    const value = this.#value(key) ?? fallback;
    if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return shortest(value);
    throw this.invalid(key, 'it must be a finite number above 0');
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.#value(key) ?? fallback;
    if (typeof value === 'boolean') return value;
    throw this.invalid(key, 'it must be true or false');
  }

  text(key: string): string | undefined {
    const value = this.#value(key);
    if (value === undefined || typeof value === 'string') return value;
    throw this.invalid(key, 'it must be a text');
  }

  /** An id below `count`. */
  id(key: string, count = Infinity): number | undefined {
    const value = this.#value(key);
    if (value === undefined) return undefined;
    if (Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < count) return value as number;
    throw this.invalid(key, `it must be the id of a token${count < Infinity ? `, of which there are ${count}` : ''}`);
  }

  texts(key: string): string[] {
    const value = this.#value(key);
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value as string[];
    throw this.invalid(key, 'it must be a list of texts');
  }

  /** A list of `count` numbers, or undefined. */
  numbers(key: string, count: number): number[] | undefined {
    const value = this.#value(key);
    if (value === undefined) return undefined;
    const list = ArrayBuffer.isView(value) ? Array.from(value as unknown as Iterable<number | bigint>, Number) : [];
    if (list.length === count) return list;
    throw this.invalid(key, `it must be a list of ${count} numbers`);
  }

  /** Refuses every value of `key` but those given, and none. Throws `model-unsupported`. */
  only(key: string, ...supported: (string | number | boolean)[]): void {
    const value = this.#value(key);
    if (value === undefined || supported.includes(value as string)) return;
    const rule = supported.length > 0 ? `only as ${supported.map((one) => JSON.stringify(one)).join(' or ')}` : 'not';
    throw this.unsupported(key, `lowrank reads models with it ${rule}`);
  }

  /** Notes keys that change nothing. */
  passOver(...keys: string[]): void {
    for (const key of keys) this.#read.add(key);
  }

  /** Refuses keys that start with `prefix` and that nothing has asked for: they may change what a model computes. */
  refuseOthers(prefix: string): void {
    const other = [...this.gguf.metadata.keys()].find((key) => key.startsWith(prefix) && !this.#read.has(key));
    if (other !== undefined)
      throw this.unsupported(other, 'it may change what the model computes, and lowrank does not know it');
  }

  unsupported(key: string, rule: string): LowrankError {
    const fix = 'take a model without it';
    return new LowrankError('model-unsupported', { given: this.#given(key), rule, fix });
  }

  invalid(key: string, rule: string): LowrankError {
    const near = this.has(key) ? [] : nearest(key, this.gguf.metadata.keys(), 1);
    return new LowrankError('file-invalid', {
      given: `${this.#given(key)}${near.length > 0 ? `, where the nearest key is "${near[0]}"` : ''}`,
      rule,
      fix: 'get or convert the file again',
    });
  }

  #value(key: string): unknown {
    this.#read.add(key);
    return this.gguf.metadata.get(key);
  }

  #given(key: string): string {
    const value = this.gguf.metadata.get(key);
    const shown = typeof value === 'object' ? 'a list' : typeof value === 'string' ? JSON.stringify(value) : value;
    return `${this.gguf.name}: "${key}": ${value === undefined ? 'not there' : String(shown)}`;
  }
}

function shortest(value: number): number {
  for (let digits = 1; digits <= 9; digits++) {
    const decimal = Number(value.toPrecision(digits));
    if (Math.fround(decimal) === Math.fround(value)) return decimal;
  }
  return value;
}
