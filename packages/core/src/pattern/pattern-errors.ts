import { LowrankError } from '../errors/lowrank-error.js';

/** A pattern that Python would not take either. */
export function badPattern(source: string, why: string): LowrankError {
  return new LowrankError('config-invalid', {
    given: `"${shown(source)}"`,
    rule: `it is no regular expression: ${why}`,
    fix: 'escape what is meant literally, e.g. "\\\\." for a dot',
  });
}

/** A pattern of Python's that no matcher can hold to a time that grows with the path only, or that this one cannot. */
export function unknownToMatcher(source: string, what: string): LowrankError {
  return new LowrankError('config-unsupported', {
    given: `"${shown(source)}" with ${what}`,
    rule: 'patterns are matched in a time that no adapter file can stretch, which leaves this out',
    fix: 'list the module paths, or write the pattern with sets, groups, "|" and plain repeats',
  });
}

function shown(source: string): string {
  return source.length > 80 ? `${source.slice(0, 80)}…` : source;
}
