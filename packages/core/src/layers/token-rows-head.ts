import {
  add,
  cast,
  matMul,
  mul,
  oneHot,
  reshape,
  sub,
  sum,
  tidy,
  type Tensor,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import type { HostModule } from '../host/host.js';
import { rowsOf } from '../ops/rows.js';
import type { AdaptedModule } from './adapted-module.js';
import type { TokenRows } from './token-rows.js';

/** A head that reads the embedding's table, some rows of which are trained: their logits are `x rowsᵀ`. It owns nothing. */
export class TokenRowsHead implements AdaptedModule {
  enabled = true;
  readonly merged = true;

  /** @param base the frozen head  @param embedding whose rows it shares */
  constructor(
    readonly base: HostModule,
    private readonly embedding: TokenRows,
  ) {}

  get kind(): string {
    return this.base.kind;
  }

  /** @param input `[..., hidden]` @returns `[..., vocab]`, owned by the caller. */
  forward(input: Tensor): Tensor {
    if (!this.enabled) return this.base.forward(input);
    return tidy(() => {
      const frozen = this.base.forward(input);
      const { own, hit } = this.#logits(input, frozen.shape);
      return add(mul(frozen, sub(1, hit)), own);
    });
  }

  /** @param frozen the base's logits, `[..., vocab]` */
  update(input: Tensor, frozen: Tensor): Tensor {
    return tidy(() => {
      const { own, hit } = this.#logits(input, frozen.shape);
      return sub(own, mul(frozen, hit));
    });
  }

  mergedTensors(): undefined {}

  async merge(): Promise<void> {}

  unmerge(): void {}

  parameters(): never[] {
    return [];
  }

  dispose(): void {}

  /** The logits of its rows `[..., vocab]`, zeros elsewhere, and 1 where they are, `[vocab]`; in a `tidy`. */
  #logits(input: Tensor, shape: number[]): { own: Tensor; hit: Tensor } {
    const { rows, ids } = this.embedding;
    const places = cast(oneHot(ids, shape.at(-1) as number), 'float32') as Tensor2D;
    const flat = reshape(input, [rowsOf(input.shape), rows.shape[1] as number]) as Tensor2D;
    const own = matMul(matMul(flat, rows as unknown as Tensor2D, false, true), places);
    return { own: reshape(own, shape), hit: sum(places, 0) };
  }
}
