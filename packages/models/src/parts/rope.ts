import { tensor2d, type Tensor2D } from '@tensorflow/tfjs-core';
import { ropeFrequencies, type RopeShape } from './rope-scaling.js';

/**
 * Rotary position angles `position · frequency`, as cosines and sines.
 *
 * Angles are rounded to float32 where transformers rounds them, so that late positions agree too.
 * Tables stay in plain memory and grow as needed: a context of 128k positions costs nothing until used.
 * @see Su et al. 2021, https://arxiv.org/abs/2104.09864, eq. 15
 */
export class Rope {
  readonly #shape: RopeShape;
  readonly #attentionFactor: number;
  #frequencies: Float32Array;
  #cos = new Float32Array(0);
  #sin = new Float32Array(0);

  constructor(shape: RopeShape) {
    this.#shape = shape;
    this.#attentionFactor = shape.scaling.type === 'yarn' ? shape.scaling.attentionFactor : 1;
    this.#frequencies = ropeFrequencies(shape, 0);
  }

  /** For positions `start` up to `start + seq`: two tensors `[seq, headDim / 2]`, owned by the caller. */
  at(start: number, seq: number): { cos: Tensor2D; sin: Tensor2D } {
    const half = this.#frequencies.length;
    if (this.#shape.scaling.type === 'dynamic') this.#stretchTo(start + seq);
    this.#grow(start + seq);
    const rows = (table: Float32Array) => tensor2d(table.slice(start * half, (start + seq) * half), [seq, half]);
    return { cos: rows(this.#cos), sin: rows(this.#sin) };
  }

  /** Makes the tables anew where a sequence's length changes the frequencies. */
  #stretchTo(length: number): void {
    const frequencies = ropeFrequencies(this.#shape, length);
    if (frequencies.every((frequency, pair) => frequency === this.#frequencies[pair])) return;
    this.#frequencies = frequencies;
    this.#cos = new Float32Array(0);
    this.#sin = new Float32Array(0);
  }

  #grow(positions: number): void {
    const half = this.#frequencies.length;
    if (this.#cos.length >= positions * half) return;
    const length = half * Math.max(positions, (2 * this.#cos.length) / half);
    const angle = (index: number) =>
      Math.fround(Math.floor(index / half) * (this.#frequencies[index % half] as number));
    const table = (of: (angle: number) => number) =>
      Float32Array.from({ length }, (_, index) => this.#attentionFactor * of(angle(index)));
    this.#cos = table(Math.cos);
    this.#sin = table(Math.sin);
  }
}
