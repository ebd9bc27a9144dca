import { randomFloats } from '@lowrank/core';
import { sample } from '@lowrank/models';
import { describe, errorOf, expect, expectClose, it } from '@lowrank/testing';
import { distribution, type SampleOptions } from './sample.js';

const logits = randomFloats(50, { distribution: 'normal', seed: 3 }).map((value) => 2 * value);

/** The definition, id by id: a token's rank is how many are likelier, or as likely and before it. */
function reference({ temperature = 1, topK = Infinity, topP = 1 }: SampleOptions): number[] {
  const whole = Array.from(logits, (logit) => Math.exp(logit / temperature));
  const before = (id: number) =>
    whole.flatMap((weight, other) => (weight > whole[id]! || (weight === whole[id]! && other < id) ? [other] : []));
  const inK = whole.map((weight, id) => (before(id).length < topK ? weight : 0));
  const share = 1 / sum(inK);
  const inP = inK.map((weight, id) =>
    topP === 1 || sum(before(id).map((other) => inK[other]!)) * share < topP ? weight : 0,
  );
  return inP.map((weight) => weight / sum(inP));
}

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

describe('distribution', () => {
  const cases: SampleOptions[] = [
    {},
    { temperature: 0.3 },
    { temperature: 3 },
    { topK: 1 },
    { topK: 7 },
    { topK: 500 },
    { topP: 0.5 },
    { topP: 0.99, temperature: 2 },
    { topP: 1e-9 },
    { topK: 9, topP: 0.6, temperature: 1.5 },
  ];
  for (const options of cases) {
    it(`is the float64 definition for ${JSON.stringify(options)}`, () => {
      expectClose(distribution(logits, options), reference(options), { atol: 1e-14, because: 'both are float64' });
    });
  }

  it('does not overflow for any finite logits', () => {
    expect(Array.from(distribution(Float32Array.of(3e38, -3e38, 3e38), {}))).toEqual([0.5, 0, 0.5]);
    expect(Array.from(distribution(Float32Array.of(1, 2), { temperature: 1e-300 }))).toEqual([0, 1]);
  });

  it('keeps no more than reach the sum under top-p', () => {
    expect(Array.from(distribution(Float32Array.of(1, 1, 1, 1), { topP: 0.5 }))).toEqual([0.5, 0.5, 0, 0]);
  });

  it('keeps the earlier of two equals under top-k', () => {
    expect(Array.from(distribution(Float32Array.of(1, 2, 2, 2), { topK: 2 }))).toEqual([0, 0.5, 0.5, 0]);
  });
});

describe('sample', () => {
  const uniform = (seed: number) => {
    const draws = randomFloats(20_000, { distribution: 'uniform', seed });
    let next = 0;
    return () => ((draws[next++] as number) + 1) / 2;
  };

  it('takes the first of the likeliest at temperature 0, without drawing', () => {
    const never = () => {
      throw new Error('it drew');
    };
    expect(sample(Float32Array.of(1, 5, 5, -2), { temperature: 0, topK: 2 }, never)).toBe(1);
  });

  it('draws ids as often as their probabilities say', () => {
    const random = uniform(4);
    const counts = new Float64Array(50);
    for (let draw = 0; draw < 20_000; draw++) counts[sample(logits, { topK: 12 }, random)]!++;
    const expected = reference({ topK: 12 });
    expectClose(
      counts.map((count) => count / 20_000),
      expected,
      { atol: 0.015, because: 'four deviations of 20,000 draws' },
    );
    expect(counts.filter((count) => count > 0).length).toBeLessThanOrEqual(12);
  });

  it('never draws an id that was cut, at either end of the random numbers', () => {
    const cut = Float32Array.of(0, 9, 0, 8, 0);
    expect(sample(cut, { topK: 2 }, () => 0)).toBe(1);
    expect(sample(cut, { topK: 2 }, () => 1 - 2 ** -53)).toBe(3);
  });

  it('refuses logits that are not finite, naming the token', async () => {
    for (const temperature of [0, 1]) {
      const error = await errorOf(() => sample(Float32Array.of(1, NaN), { temperature }, () => 0));
      expect(error).toMatchObject({ code: 'not-finite', given: 'logit NaN of token 1' });
      expect(await errorOf(() => sample(Float32Array.of(Infinity, 1), { temperature }, () => 0))).toBeTruthy();
    }
  });
});
