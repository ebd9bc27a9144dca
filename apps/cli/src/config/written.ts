import type { Command } from 'commander';
import { configKeys } from './config-keys.js';

/** A value as it was written, before its option's parser, and where. */
export interface Written {
  value: unknown;
  from: string;
}

const writtenOf = new WeakMap<Command, Map<string, Written>>();

/** Keeps what is typed for each option, for parsed values cannot be written back. */
export function recordWritten(command: Command): Command {
  const written = new Map<string, Written>();
  writtenOf.set(command, written);
  for (const option of command.options) {
    const key = option.attributeName();
    command.on(`option:${option.name()}`, (text: string | null | undefined) => {
      const before = written.get(key);
      const earlier = option.variadic && before?.from === 'flag' ? (before.value as unknown[]) : [];
      const value = text === null || text === undefined ? !option.negate : option.variadic ? [...earlier, text] : text;
      written.set(key, { value, from: 'flag' });
    });
  }
  return command;
}

/** Notes what a config file says. */
export function recordFromFile(command: Command, key: string, written: Written): void {
  writtenOf.get(command)?.set(key, written);
}

/** Each option that has a value, as a config file would write it, in the order of `--help`. */
export function writtenValues(command: Command): Map<string, Written> {
  const values = new Map<string, Written>();
  for (const [key, option] of configKeys(command)) {
    const parsed: unknown = command.getOptionValue(key);
    if (parsed === undefined) continue;
    const otherwise = command.getOptionValueSource(key) === 'env' ? (option.envVar as string) : 'default';
    const { value, from } = writtenOf.get(command)?.get(key) ?? { value: parsed, from: otherwise };
    values.set(key, { value: typeof parsed === 'number' ? asNumber(value) : value, from });
  }
  return values;
}

/** `8GiB` stays as it is: its number alone would not be read again. */
function asNumber(value: unknown): unknown {
  return typeof value === 'string' && Number.isFinite(Number(value)) ? Number(value) : value;
}
