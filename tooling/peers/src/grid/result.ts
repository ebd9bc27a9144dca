import { LowrankError } from '@lowrank/core';
import { groups, type GroupName } from './groups.js';

export interface Result {
  /** `<group>/<base>[/<adapter>]`: what `--only` takes. */
  id: string;
  group: GroupName;
  /** Refused: lowrank does not do what the case asks for, and says so by name. */
  status: 'passed' | 'refused' | 'failed';
  /** The largest, relative; 0 for a refusal. */
  difference: number;
  milliseconds: number;
  /** Why it failed, or how it was refused. */
  message?: string;
  /** What lowrank keeps to where it refuses. */
  rule?: string;
}

/**
 * Runs one case.
 *
 * @param check gives the largest relative difference, or throws what is wrong in words
 * @param refused the word that a refusal must hold; where it is given, anything but that refusal fails
 */
export async function resultOf(
  group: GroupName,
  name: string,
  check: () => Promise<number>,
  refused?: string,
): Promise<Result> {
  const start = performance.now();
  const outcome = await outcomeOf(check, groups[group].tolerance, refused);
  return { id: `${group}/${name}`, group, ...outcome, milliseconds: performance.now() - start };
}

async function outcomeOf(
  check: () => Promise<number>,
  tolerance: number,
  refused: string | undefined,
): Promise<Pick<Result, 'status' | 'difference' | 'message' | 'rule'>> {
  try {
    const difference = await check();
    if (refused !== undefined) return failed(difference, `it should be refused, naming ${refused}, and is not`);
    if (difference <= tolerance) return { status: 'passed', difference };
    return failed(difference, `${difference.toExponential(1)} apart, ${tolerance} allowed`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const byName = refused !== undefined && isRefusal(error) && message.includes(refused);
    return byName ? { status: 'refused', difference: 0, message, rule: error.rule } : failed(Infinity, message);
  }
}

function failed(difference: number, message: string) {
  return { status: 'failed' as const, difference: Number.isNaN(difference) ? Infinity : difference, message };
}

function isRefusal(error: unknown): error is LowrankError {
  return LowrankError.is(error, 'config-unsupported') || LowrankError.is(error, 'model-unsupported');
}
