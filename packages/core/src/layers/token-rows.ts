import {
  add,
  cast,
  equal,
  expandDims,
  matMul,
  mul,
  oneHot,
  reshape,
  sub,
  sum,
  tensor1d,
  tidy,
  transpose,
  variable,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Variable,
} from '@tensorflow/tfjs-core';
import type { Parameter } from '../adapter/parameter.js';
import { loraTensorName } from '../adapter/tensor-name.js';
import type { FrozenWeight } from '../backend/kernels.js';
import type { FrozenModule } from '../host/frozen-module.js';
import { embeddingLookup } from '../ops/embedding-lookup.js';
import type { AdaptedModule, MergedTensors } from './adapted-module.js';
import { finiteOrFree } from './finite-or-free.js';
import { tableOf } from './table-of.js';

/** A frozen table of which some rows are trained: PEFT's trainable tokens. They start as the base's own. */
export class TokenRows implements AdaptedModule {
  readonly kind = 'embedding';
  enabled = true;
  /** `[tokens, hidden]` */
  readonly rows: Variable;
  /** `[tokens]`, int32 */
  readonly ids: Tensor1D;
  #merged: Tensor2D | undefined;

  /**
   * @param base stays its owner's
   * @param tokens ids within the table, each once
   */
  constructor(
    readonly base: FrozenModule,
    tokens: number[],
  ) {
    this.ids = tensor1d(tokens, 'int32');
    this.rows = tidy(() => variable(embeddingLookup(base.weight as FrozenWeight, this.ids)));
  }

  get merged(): boolean {
    return this.#merged !== undefined;
  }

  /** The table that a plain embedding would need, `[vocab, hidden]`. */
  get weight(): FrozenWeight {
    return this.enabled && this.#merged ? this.#merged : (this.base.weight as FrozenWeight);
  }

  /** @param ids int32, `[batch, seq]` @returns `[batch, seq, hidden]`, owned by the caller. */
  forward(ids: Tensor): Tensor {
    if (!this.enabled) return this.base.forward(ids);
    if (this.#merged) return embeddingLookup(this.#merged, ids);
    return tidy(() => {
      const frozen = this.base.forward(ids);
      const { own, hit } = this.#found(ids, frozen.shape);
      return add(mul(frozen, sub(1, hit)), own);
    });
  }

  /** @param frozen the base's rows, `[batch, seq, hidden]` */
  update(ids: Tensor, frozen: Tensor): Tensor {
    return tidy(() => {
      const { own, hit } = this.#found(ids, frozen.shape);
      return sub(own, mul(frozen, hit));
    });
  }

  async merge(): Promise<void> {
    if (this.merged) return;
    const { weight } = this.mergedTensors();
    await finiteOrFree(`the merged table [${weight.shape.join(', ')}]`, [weight]);
    this.#merged = weight;
  }

  mergedTensors(): MergedTensors<Tensor2D> {
    const weight = tidy(() => {
      const table = tableOf(this.base);
      const hits = transpose(oneHot(this.ids, table.shape[0])) as Tensor2D;
      const places = cast(hits, 'float32');
      const others = expandDims(sub(1, sum(places, 1)), 1);
      return add(mul(table, others), matMul(places, this.rows as unknown as Tensor2D)) as Tensor2D;
    });
    return { weight };
  }

  unmerge(): void {
    this.#merged?.dispose();
    this.#merged = undefined;
  }

  parameters(path: string): Parameter[] {
    const role = 'trainable_tokens_delta';
    return [{ name: loraTensorName(path, role), path, role, variable: this.rows }];
  }

  dispose(): void {
    this.unmerge();
    this.rows.dispose();
    this.ids.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Its own rows `[batch, seq, hidden]`, zeros elsewhere, and 1 where they are, `[batch, seq, 1]`; in a `tidy`. */
  #found(ids: Tensor, shape: number[]): { own: Tensor; hit: Tensor } {
    const hits = cast(equal(reshape(ids, [ids.size, 1]), expandDims(this.ids, 0)), 'float32') as Tensor2D;
    const own = matMul(hits, this.rows as unknown as Tensor2D);
    return { own: reshape(own, shape), hit: reshape(sum(hits, 1), [...ids.shape, 1]) };
  }
}
