import { LowrankError } from '@lowrank/core';
import { styled } from './colour.js';
import { UsageError } from './usage-error.js';

/** Says what went wrong and sets the exit code: 2 for a wrong command or option, 1 for a failure. */
export function fail(error: unknown, json: boolean): void {
  const usage = error instanceof UsageError;
  const cause = usage ? error.cause : error;
  process.exitCode = usage ? 2 : 1;
  if (json) process.stdout.write(`${JSON.stringify({ type: 'error', ...errorFacts(cause) })}\n`);
  process.stderr.write(`${errorText(cause)}\n`);
}

/** An error for machines. */
export function errorFacts(error: unknown): object {
  if (!LowrankError.is(error)) return { code: 'unexpected', message: messageOf(error) };
  const { code, given, rule, fix } = error;
  return { code, given, rule, fix };
}

/** An error for people, as stderr has it. */
export function errorText(error: unknown): string {
  if (LowrankError.is(error))
    return `${styled('red', 'error:', process.stderr)} ${error.given}\n  ${error.rule}\n  → ${error.fix}`;
  return `unexpected error, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
