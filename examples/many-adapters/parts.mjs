import { randomFloats } from '@lowrank/core';
import { tensor, tidy } from '@tensorflow/tfjs-core';

const subjects = ['The old harbour', 'A night train', 'Our neighbour', 'The committee', 'Her second novel'];
const verbs = ['was closed for repairs', 'surprised everyone', 'took longer than planned', 'brought bad news'];
const ends = ['last winter', 'before the storm', 'in spite of the warnings'];

/** That many sentences, up to 60 of them different. */
export function sentences(count) {
  const pick = (words, at) => words[at % words.length];
  return Array.from({ length: count }, (_, at) => `${pick(subjects, at)} ${pick(verbs, at)} ${pick(ends, at)}.`);
}

/** Gives an adapter's parameters values of their own, as training would. */
export function trained(parameters, name) {
  const seed = [...name].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), 7);
  parameters.forEach(({ variable }, at) => {
    const values = randomFloats(variable.size, { distribution: 'normal', seed: seed + at });
    tidy(() =>
      variable.assign(
        tensor(
          values.map((value) => 0.03 * value),
          variable.shape,
        ),
      ),
    );
  });
}

/** Milliseconds of each work, the median of rounds in which they take turns; one round before does not count. */
export async function medians(rounds, works) {
  const took = Object.fromEntries(Object.keys(works).map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, work] of Object.entries(works)) {
      const start = performance.now();
      await work();
      if (round >= 0) took[name].push(performance.now() - start);
    }
  }
  const middle = (times) => Number(times.toSorted((left, right) => left - right)[Math.floor(rounds / 2)].toFixed(2));
  return Object.fromEntries(Object.entries(took).map(([name, times]) => [name, middle(times)]));
}

export function largestDifference(left, right) {
  return left.reduce((largest, value, at) => Math.max(largest, Math.abs(value - right[at])), 0);
}
