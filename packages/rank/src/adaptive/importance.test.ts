import { randomFloats } from '@lowrank/core';
import { describe, expectClose, it } from '@lowrank/testing';
import { tensor, tidy } from '@tensorflow/tfjs-core';
import { componentScores, nextImportance } from './importance.js';

const [features, rank, steps] = [5, 3, 6];
const drawn = (seed: number) => randomFloats(features * rank, { distribution: 'normal', seed });

describe('importance', () => {
  it.onEachBackend("is the paper's, eq. 8 to 10, in float64", () => {
    tidy(() => {
      const zeros = () => tensor(new Float32Array(features * rank), [features, rank]);
      let here = { sensitivity: zeros(), uncertainty: zeros() };
      const there = { i: new Float64Array(features * rank), u: new Float64Array(features * rank) };
      for (let step = 1; step <= steps; step++) {
        const [w, g] = [drawn(step), drawn(100 + step)];
        here = nextImportance(here, tensor(w, [features, rank]), tensor(g, [features, rank]));
        w.forEach((weight, at) => {
          const now = Math.abs(weight * g[at]!);
          there.i[at] = 0.85 * there.i[at]! + 0.15 * now;
          there.u[at] = 0.85 * there.u[at]! + 0.15 * Math.abs(now - there.i[at]!);
        });
      }
      const because = 'float32 over six means';
      expectClose(here.sensitivity, there.i, { atol: 1e-6, because });
      expectClose(here.uncertainty, there.u, { atol: 1e-6, because });
      const scores = Array.from({ length: rank }, (_, column) => {
        const own = there.i.filter((_, at) => at % rank === column);
        const spread = there.u.filter((_, at) => at % rank === column);
        return own.reduce((sum, value, at) => sum + (value * spread[at]!) / features, 0);
      });
      expectClose(componentScores(here, 1), scores, { atol: 1e-6, because });
    });
  });
});
