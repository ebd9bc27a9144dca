import { LowrankError } from '@lowrank/core';
import { dataError } from './data-error.js';
import type { TokenWindows } from './pack.js';
import type { TokenExample } from './token-example.js';

/**
 * Puts whole examples side by side into windows, the longest first, each into the fullest window that has room; what
 * stays free is id 0 and target -100. No target crosses from one example to the next. Attention does: an example sees
 * those before it in its window and its positions follow theirs, so it is trained in a setting that generation does not
 * have; where that matters, batch examples apart with `lengthBatches`.
 *
 * @throws `config-invalid` for `seq`; `data-invalid` without examples, or for one that is empty or longer than `seq`
 */
export function packExamples(examples: readonly TokenExample[], { seq }: { seq: number }): TokenWindows {
  checkInput(examples, seq);
  const windows = fill(examples, seq);
  const ids = new Int32Array(windows.length * seq);
  const targets = new Int32Array(windows.length * seq).fill(-100);
  windows.forEach((inside, window) => {
    let at = window * seq;
    for (const example of inside) {
      ids.set(example.ids, at);
      targets.set(example.targets, at);
      at += example.ids.length;
    }
  });
  return { ids, targets, count: windows.length, seq };
}

/** Best fit, decreasing. */
function fill(examples: readonly TokenExample[], seq: number): TokenExample[][] {
  const windows: TokenExample[][] = [];
  /** Windows by the places that they have free. */
  const byRoom: TokenExample[][][] = Array.from({ length: seq + 1 }, () => []);
  const longestFirst = examples.toSorted((left, right) => right.ids.length - left.ids.length);
  for (const example of longestFirst) {
    const { length } = example.ids;
    let room = length;
    while (room < seq && byRoom[room]?.length === 0) room++;
    let window = byRoom[room]?.pop();
    if (!window) windows.push((window = []));
    window.push(example);
    byRoom[room - length]?.push(window);
  }
  return windows;
}

function checkInput(examples: readonly TokenExample[], seq: number): void {
  if (!Number.isSafeInteger(seq) || seq < 1) {
    throw new LowrankError('config-invalid', {
      given: `seq: ${seq}`,
      rule: 'tokens a window are a whole number of 1 or more',
      fix: 'give a value that fits',
    });
  }
  if (examples.length === 0) throw dataError('no examples', 'there must be one to pack', 'give some');
  const bad = examples.findIndex(({ ids }) => ids.length === 0 || ids.length > seq);
  if (bad < 0) return;
  throw dataError(
    `example ${bad} of ${examples.length}, with ${examples[bad]?.ids.length} tokens`,
    `a window holds 1 to ${seq}`,
    'cut examples to size with fitExamples',
  );
}
