import { successiveHalving, type Probe } from '@lowrank/rank';
import { describe, errorOf, expect, it } from '@lowrank/testing';

/** Losses that fall to the candidate's own number, `n + 1 / steps`. */
function curves() {
  const asked: Probe<number, string>[] = [];
  const probe = async (each: Probe<number, string>) => {
    asked.push(each);
    return { loss: each.candidate + 1 / each.steps, run: `${each.candidate}@${each.steps}` };
  };
  return { asked, probe };
}

describe('successiveHalving', () => {
  it('keeps the better half of each rung, for twice the updates, from where each stands', async () => {
    const { asked, probe } = curves();
    const standings = await successiveHalving({ candidates: [3, 0, 4, 1, 2], steps: 10, probe });
    expect(asked.map(({ candidate, steps, resumeFrom }) => [candidate, steps, resumeFrom])).toEqual([
      ...[3, 0, 4, 1, 2].map((candidate) => [candidate, 10, undefined]),
      ...[0, 1, 2].map((candidate) => [candidate, 20, `${candidate}@10`]),
      ...[0, 1].map((candidate) => [candidate, 40, `${candidate}@20`]),
    ]);
    expect(standings.map(({ candidate, steps }) => [candidate, steps])).toEqual([
      [0, 40],
      [1, 40],
      [2, 20],
      [3, 10],
      [4, 10],
    ]);
    expect(standings[0]).toEqual({ candidate: 0, loss: 0.025, steps: 40, run: '0@40' });
  });

  it('never spends more than n · steps · ⌈log₂ n⌉ · 3/2 updates, resumed ones not counted twice', async () => {
    for (let count = 2; count <= 64; count++) {
      const { asked, probe } = curves();
      await successiveHalving({ candidates: Array.from({ length: count }, (_, at) => at), steps: 4, probe });
      const done = asked.reduce((sum, { steps, resumeFrom }) => sum + (resumeFrom ? steps / 2 : steps), 0);
      expect(done).toBeLessThanOrEqual(1.5 * count * 4 * Math.ceil(Math.log2(count)));
    }
  });

  it('of equal losses prefers the one given first, and counts a loss that is no number as the worst', async () => {
    const probe = async ({ candidate }: Probe<string, null>) => ({
      loss: candidate === 'broken' ? NaN : 1,
      run: null,
    });
    const standings = await successiveHalving({ candidates: ['broken', 'a', 'b', 'c'], steps: 1, probe });
    expect(standings.map(({ candidate }) => candidate)).toEqual(['a', 'b', 'c', 'broken']);
    expect(standings.at(-1)!.loss).toBe(Infinity);
  });

  it('thirds with a factor of 3, and probes a lone candidate once', async () => {
    const { asked, probe } = curves();
    await successiveHalving({ candidates: [0, 1, 2, 3, 4, 5, 6, 7, 8], steps: 2, factor: 3, probe });
    expect([2, 6, 18].map((steps) => asked.filter((each) => each.steps === steps).length)).toEqual([9, 3, 0]);
    expect(await successiveHalving({ candidates: [7], steps: 2, probe })).toHaveLength(1);
  });

  it('stops at its signal, with its reason', async () => {
    const stop = new AbortController();
    const { asked, probe } = curves();
    const stopping = async (each: Probe<number, string>) => {
      if (asked.length === 1) stop.abort(new Error('enough'));
      return probe(each);
    };
    const halving = successiveHalving({ candidates: [0, 1, 2], steps: 1, probe: stopping, signal: stop.signal });
    await expect(halving).rejects.toThrow('enough');
    expect(asked).toHaveLength(2);
  });

  for (const wrong of [{ candidates: [] }, { steps: 0 }, { factor: 1 }, { steps: 1.5 }]) {
    it(`refuses ${JSON.stringify(wrong)}`, async () => {
      const given = { candidates: [1, 2], steps: 1, probe: curves().probe, ...wrong };
      const error = await errorOf(() => successiveHalving(given));
      expect(error.code).toBe('config-invalid');
    });
  }
});
