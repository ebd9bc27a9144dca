import { LowrankError, type ErrorCode } from '@lowrank/core';
import { tidy, type Tensor } from '@tensorflow/tfjs-core';
import type { ConformanceCase } from '../conformance-case.js';
import { holds } from '../outcome.js';
import type { Op } from '../tolerances.js';
import { withoutLeak } from '../without-leak.js';

/** Cases in which an op must throw a `LowrankError` of a code, and leave nothing behind. */
export function refusals(op: Op, works: Partial<Record<ErrorCode, () => Tensor>>): ConformanceCase[] {
  return Object.entries(works).map(([code, work]) => ({
    op,
    title: `bad input is ${code}`,
    large: false,
    run: () =>
      withoutLeak(async () => {
        const thrown = errorOf(work);
        const sentence = `it throws a LowrankError "${code}", not ${String(thrown)}`;
        return holds(LowrankError.is(thrown, code as ErrorCode), sentence);
      }),
  }));
}

function errorOf(work: () => Tensor): unknown {
  try {
    tidy(() => {
      work();
    });
  } catch (error) {
    return error;
  }
  return 'nothing';
}
