import { LowrankError } from '../errors/lowrank-error.js';

/**
 * What a `rankPattern` or `alphaPattern` says about a module. PEFT's rule: a key is an expression for the end of
 * the path, from a dot or from its start on, and the first key that matches wins; `^` pins it to the start.
 * Throws `config-invalid` for a key that is no expression.
 */
export function patternValue(pattern: Record<string, number>, path: string): number | undefined {
  const key = Object.keys(pattern).find((expression) => endMatches(expression, path));
  return key === undefined ? undefined : pattern[key];
}

/** Whether `expression` matches the end of `path` as a pattern's key does. */
export function endMatches(expression: string, path: string): boolean {
  return compile(`^(?:.*\\.)?(?:${expression})$`, expression).test(path);
}

/** Whether `expression` matches the whole of `path`, as a target given as a string does. */
export function fullMatches(expression: string, path: string): boolean {
  return compile(`^(?:${expression})$`, expression).test(path);
}

function compile(source: string, given: string): RegExp {
  try {
    return new RegExp(source);
  } catch (cause) {
    throw new LowrankError('config-invalid', {
      given: `"${given}"`,
      rule: `it is no regular expression (${(cause as Error).message})`,
      fix: 'escape what is meant literally, e.g. "\\\\." for a dot',
      cause,
    });
  }
}
