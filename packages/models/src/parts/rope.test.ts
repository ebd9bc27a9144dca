import { expectClose, it } from '@lowrank/testing';
import { Rope } from './rope.js';

const because = 'angles are rounded to float32, whose step at 3,000 is 2.4e-4';

it('rotary angles are position / theta^(2i / headDim), from any start and in any order', () => {
  const rope = new Rope({ headDim: 8, theta: 500000, scaling: { type: 'default' } });
  for (const [start, seq] of [
    [5, 3],
    [0, 2],
    [2990, 10],
    [7, 1],
  ] as const) {
    const { cos, sin } = rope.at(start, seq);
    const angles = Array.from({ length: seq * 4 }, (_, at) => (start + Math.floor(at / 4)) / 500000 ** ((at % 4) / 4));
    expectClose(cos, angles.map(Math.cos), { atol: 3e-4, because });
    expectClose(sin, angles.map(Math.sin), { atol: 3e-4, because });
    cos.dispose();
    sin.dispose();
  }
});
