import { compilePattern, type PatternProgram } from '../pattern/compile-pattern.js';
import { runPattern } from '../pattern/run-pattern.js';

/**
 * What a `rankPattern` or `alphaPattern` says about a module. PEFT's rule: a key is an expression for the end of
 * the path, from a dot or from its start on, and the first key that matches wins; `^` pins it to the start.
 * The syntax is that of Python's `re`, and the time grows with the path only, whatever the key.
 * Throws `config-invalid` for a key that is no expression, `config-unsupported` for one with look-arounds,
 * back-references or else what cannot be matched so.
 */
export function patternValue(pattern: Record<string, number>, path: string): number | undefined {
  const key = Object.keys(pattern).find((expression) => endMatches(expression, path));
  return key === undefined ? undefined : pattern[key];
}

/** Whether `expression` matches the end of `path` as a pattern's key does. Throws as `patternValue`. */
export function endMatches(expression: string, path: string): boolean {
  return runPattern(compiled(expression), path, (before) => before === undefined || before === '.');
}

/** Whether `expression` matches the whole of `path`, as a target given as a string does. Throws as `patternValue`. */
export function fullMatches(expression: string, path: string): boolean {
  return runPattern(compiled(expression), path, (before) => before === undefined);
}

/** A pattern's key that means the module at `path`, and none whose path ends in it. */
export function pathPattern(path: string): string {
  return `^${path.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}`;
}

const programs = new Map<string, PatternProgram>();

function compiled(expression: string): PatternProgram {
  const known = programs.get(expression);
  if (known !== undefined) return known;
  const program = compilePattern(expression);
  if (programs.size >= 512) programs.clear();
  programs.set(expression, program);
  return program;
}
