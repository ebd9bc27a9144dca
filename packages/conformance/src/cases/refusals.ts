import { LowrankError, type ErrorCode } from '@lowrank/core';
import { tidy } from '@tensorflow/tfjs-core';
import type { ConformanceCase } from '../conformance-case.js';
import { holds } from '../outcome.js';
import type { Op } from '../tolerances.js';
import { withoutLeak } from '../without-leak.js';

/** What an op is given, the code of the error that it must throw, and the call. */
export type Refusal = [given: string, code: ErrorCode, work: () => unknown];

/** Cases in which an op must throw a `LowrankError` of a code, and leave nothing behind. */
export function refusals(op: Op, list: Refusal[]): ConformanceCase[] {
  return list.map(([given, code, work]) => ({
    op,
    title: `${given} is ${code}`,
    large: false,
    run: () =>
      withoutLeak(async () => {
        const thrown = errorOf(work);
        const sentence = `it throws a LowrankError "${code}", not ${String(thrown)}`;
        return holds(LowrankError.is(thrown, code), sentence);
      }),
  }));
}

function errorOf(work: () => unknown): unknown {
  try {
    tidy(() => {
      work();
    });
  } catch (error) {
    return error;
  }
  return 'nothing';
}
