import { LowrankError, type PlainTensor } from '@lowrank/core';

interface GivenPair {
  a: PlainTensor | undefined;
  b: PlainTensor | undefined;
  bias: PlainTensor | undefined;
}

/**
 * Checks that a module has both factors, of `rank`: A `[...before, rank]` and B `[rank, out]`, before which a
 * convolution has sides of 1. Throws `adapter-mismatch`.
 *
 * @param where what messages call the module
 */
export function checkPair(where: string, { a, b, bias }: GivenPair, rank: number): { a: PlainTensor; b: PlainTensor } {
  if (!a || !b) {
    throw mismatch(where, a ? 'it has A but no B' : b ? 'it has B but no A' : 'it has a bias on B, and no factors');
  }
  if (a.shape.length < 2 || b.shape.length < 2) throw mismatch(where, 'a factor has 2 sides or more');
  const [rankA, [rankB, out]] = [a.shape.at(-1), b.shape.slice(-2)];
  if (rankA !== rankB) throw mismatch(where, `A is of rank ${rankA}, B of rank ${rankB}`);
  if (rankA !== rank) throw mismatch(where, `its factors are of rank ${rankA}, its config says ${rank}`);
  if (b.shape.slice(0, -2).some((side) => side !== 1)) {
    throw mismatch(where, `B is [${b.shape.join(', ')}], and sides before its rank are 1`);
  }
  if (bias && bias.shape.join() !== String(out)) {
    throw mismatch(where, `its bias on B is [${bias.shape.join(', ')}] where [${out}] fits B`);
  }
  for (const { shape, data } of [a, b]) {
    if (shape.reduce((product, side) => product * side, 1) === data.length && data.length > 0) continue;
    throw mismatch(where, `a factor of shape [${shape.join(', ')}] holds ${data.length} values`);
  }
  return { a, b };
}

function mismatch(given: string, rule: string): LowrankError {
  return new LowrankError('adapter-mismatch', { given, rule, fix: 'get or save the whole adapter again' });
}
