import { tensor2d, type Tensor2D } from '@tensorflow/tfjs-core';

/**
 * Rotary position angles `position / theta^(2i / headDim)`, as cosines and sines.
 *
 * Angles are rounded to float32 where transformers rounds them, so that late positions agree too.
 * Tables stay in plain memory and grow as needed: a context of 128k positions costs nothing until used.
 * @see Su et al. 2021, https://arxiv.org/abs/2104.09864, eq. 15
 */
export class Rope {
  readonly #frequencies: Float32Array;
  #cos = new Float32Array(0);
  #sin = new Float32Array(0);

  constructor({ headDim, theta }: { headDim: number; theta: number }) {
    const power = (i: number) => Math.fround(theta ** Math.fround((2 * i) / headDim));
    this.#frequencies = Float32Array.from({ length: headDim / 2 }, (_, i) => 1 / power(i));
  }

  /** For positions `start` up to `start + seq`: two tensors `[seq, headDim / 2]`, owned by the caller. */
  at(start: number, seq: number): { cos: Tensor2D; sin: Tensor2D } {
    const half = this.#frequencies.length;
    this.#grow(start + seq);
    const rows = (table: Float32Array) => tensor2d(table.slice(start * half, (start + seq) * half), [seq, half]);
    return { cos: rows(this.#cos), sin: rows(this.#sin) };
  }

  #grow(positions: number): void {
    const half = this.#frequencies.length;
    if (this.#cos.length >= positions * half) return;
    const length = half * Math.max(positions, (2 * this.#cos.length) / half);
    const angle = (index: number) =>
      Math.fround(Math.floor(index / half) * (this.#frequencies[index % half] as number));
    this.#cos = Float32Array.from({ length }, (_, index) => Math.cos(angle(index)));
    this.#sin = Float32Array.from({ length }, (_, index) => Math.sin(angle(index)));
  }
}
