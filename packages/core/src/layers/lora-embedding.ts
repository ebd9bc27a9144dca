import {
  add,
  gather,
  matMul,
  mul,
  reshape,
  sub,
  tensor2d,
  tidy,
  variable,
  zeros,
  type Tensor,
  type Tensor2D,
  type Variable,
} from '@tensorflow/tfjs-core';
import type { Parameter } from '../adapter/parameter.js';
import { loraTensorName } from '../adapter/tensor-name.js';
import type { FrozenWeight } from '../backend/kernels.js';
import { adapterOptions } from '../config/adapter-options.js';
import { scalingOf } from '../config/scaling.js';
import { LowrankError } from '../errors/lowrank-error.js';
import type { FrozenModule } from '../host/frozen-module.js';
import { deltaWeight } from '../ops/delta-weight.js';
import { embeddingLookup } from '../ops/embedding-lookup.js';
import { noRows } from '../ops/no-rows.js';
import { BlockWeight } from '../quant/block-weight.js';
import { deriveSeed } from '../random/derive-seed.js';
import { randomFloats } from '../random/random-floats.js';
import { Dora } from '../variants/dora.js';
import type { MergedTensors } from './adapted-module.js';
import { finiteOrFree } from './finite-or-free.js';
import type { LoraLayer } from './lora-layer.js';
import type { LoraLinearOptions } from './lora-linear.js';
import { tableOf } from './table-of.js';

export interface LoraEmbeddingOptions extends Pick<
  LoraLinearOptions,
  'rank' | 'alpha' | 'useRslora' | 'useDora' | 'seed'
> {
  /** The table `[vocab, hidden]` that the factors were trained on, where the adapter brings its own; the layer's from now on. */
  table?: Tensor2D | undefined;
}

interface Parts {
  a: Variable;
  b: Variable;
  dora: Dora | undefined;
  table: Tensor2D | undefined;
}

/**
 * A frozen table with a low-rank update: row i is `W[i] + scaling · A[i] B`, with DoRA times `m / n`. As in PEFT A starts
 * at zero, B is drawn from a standard normal distribution, and nothing is dropped.
 */
export class LoraEmbedding implements LoraLayer {
  readonly kind = 'embedding';
  enabled = true;
  #merged: Tensor2D | undefined;

  private constructor(
    readonly base: FrozenModule,
    private readonly parts: Parts,
    readonly alpha: number,
    public scaling: number,
  ) {}

  /**
   * Wraps `base`, an embedding, which stays its owner's. Throws `config-invalid` for a rank or alpha out of its range,
   * `config-unsupported` for DoRA on a packed table.
   */
  static fromBase(base: FrozenModule, { seed = 0, table, ...options }: LoraEmbeddingOptions): LoraEmbedding {
    const checked = adapterOptions(options);
    const weight = table ?? (base.weight as FrozenWeight);
    const [vocab, hidden] = weight instanceof BlockWeight ? [weight.shape[1], weight.shape[0]] : weight.shape;
    const scaling = scalingOf(checked);
    const { rank, alpha, useDora } = checked;
    const start = randomFloats(rank * hidden, { distribution: 'normal', seed: deriveSeed(seed, 'lora_embedding_B') });
    if (useDora && weight instanceof BlockWeight) throw packedDora();
    const [a, b] = tidy(() => [variable(zeros([vocab, rank])), variable(tensor2d(start, [rank, hidden]))]);
    const factors = { a: a as unknown as Tensor2D, b: b as unknown as Tensor2D };
    const dora = useDora ? new Dora({ weight, ...factors, scaling }) : undefined;
    return new LoraEmbedding(base, { a: a as Variable, b: b as Variable, dora, table }, alpha, scaling);
  }

  /** `[vocab, rank]` */
  get a(): Variable {
    return this.parts.a;
  }

  /** `[rank, hidden]` */
  get b(): Variable {
    return this.parts.b;
  }

  get rank(): number {
    return this.b.shape[0] as number;
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
    if (ids.size === 0) return noRows(this.#trained, [...ids.shape, this.b.shape[1] as number]);
    return tidy(() => {
      const rows = this.parts.table ? embeddingLookup(this.parts.table, ids) : this.base.forward(ids);
      const sum = add(rows, this.#product(ids, rows.shape));
      return this.parts.dora ? mul(sum, this.parts.dora.ratio(this.#weights)) : sum;
    });
  }

  /** @param frozen the base's rows, `[batch, seq, hidden]` */
  update(ids: Tensor, frozen: Tensor): Tensor {
    const { table, dora } = this.parts;
    if (ids.size === 0) return noRows(this.#trained, frozen.shape);
    return tidy(() => {
      const product = this.#product(ids, frozen.shape);
      if (!table && !dora) return product;
      const sum = add(table ? embeddingLookup(table, ids) : frozen, product);
      return sub(dora ? mul(sum, dora.ratio(this.#weights)) : sum, frozen);
    });
  }

  /** `[vocab, hidden]` */
  delta(): Tensor2D {
    const { a, b, scaling } = this.#weights;
    return deltaWeight(a, b, scaling);
  }

  async merge(): Promise<void> {
    if (this.merged) return;
    const { weight } = this.mergedTensors();
    await finiteOrFree(`the merged table [${weight.shape.join(', ')}]`, [weight]);
    this.#merged = weight;
  }

  mergedTensors(): MergedTensors<Tensor2D> {
    const weight = tidy(() => {
      const sum = add(this.parts.table ?? tableOf(this.base), this.delta());
      return (this.parts.dora ? mul(sum, this.parts.dora.ratio(this.#weights)) : sum) as Tensor2D;
    });
    return { weight };
  }

  unmerge(): void {
    this.#merged?.dispose();
    this.#merged = undefined;
  }

  parameters(path: string): Parameter[] {
    const factors = { lora_embedding_A: this.a, lora_embedding_B: this.b };
    return [
      ...(['lora_embedding_A', 'lora_embedding_B'] as const).map((role) => {
        return { name: loraTensorName(path, role), path, role, variable: factors[role] };
      }),
      ...(this.parts.dora?.parameters(path) ?? []),
    ];
  }

  savedAlong(path: string): Map<string, Tensor> {
    return new Map(this.parts.table ? [[`${path}.base_layer.weight`, this.parts.table]] : []);
  }

  /** Frees what is trained, a table of its own and a merged one; the base stays. */
  dispose(): void {
    this.unmerge();
    for (const part of Object.values(this.parts) as Parts[keyof Parts][]) part?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** `scaling · A[ids] B`, in a `tidy` of the caller. */
  #product(ids: Tensor, shape: number[]): Tensor {
    const hidden = gather(this.a as Tensor, reshape(ids, [ids.size])) as Tensor2D;
    return reshape(mul(matMul(hidden, this.b as unknown as Tensor2D), this.scaling), shape);
  }

  get #trained(): Tensor[] {
    return [this.a, this.b, ...(this.parts.dora ? [this.parts.dora.magnitude] : [])];
  }

  get #weights() {
    const [a, b] = [this.a as unknown as Tensor2D, this.b as unknown as Tensor2D];
    return { weight: this.parts.table ?? (this.base.weight as FrozenWeight), a, b, scaling: this.scaling };
  }
}

function packedDora(): LowrankError {
  return new LowrankError('config-unsupported', {
    given: 'useDora on a table that is packed in blocks',
    rule: 'its norms are those of whole columns, which would be unpacked for each step',
    fix: 'leave the embedding out, or load the base without quantising it',
  });
}
