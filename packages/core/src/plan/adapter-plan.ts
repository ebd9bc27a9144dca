import type { LoraConfig } from '../config/lora-config.js';

/** One module that gets factors, with everything that decides its cost and its maths. */
export interface PlannedModule {
  path: string;
  kind: string;
  in: number;
  out: number;
  /** Of a convolution: the sides of its kernel. */
  kernel?: number[];
  /** Of a convolution, where it has more than one. */
  groups?: number;
  rank: number;
  alpha: number;
  /** What the update is multiplied by: alpha / rank, or alpha / sqrt(rank) under rsLoRA. */
  scaling: number;
  /**
   * Parameters of A and B, `rank * (in + out)`, of a convolution `rank * (kernel * in + out / groups)`; and of the
   * bias on B or DoRA's magnitudes, `out`.
   */
  parameters: number;
  /** Parameters of the frozen weight that A and B stand for: `in * out`, of a convolution `kernel * in / groups * out`. */
  baseParameters: number;
}

/** Tensors of the base itself that an adapter trains a copy of, beside its factors. */
export interface PlannedExtra {
  path: string;
  kind: string;
  /** The whole module, its bias, some rows of its table, or what a head has in common with such a table. */
  trains: 'module' | 'bias' | 'rows' | 'tied-rows';
  parameters: number;
  /** Of a linear: the base's file keeps its weight as `[in, out]`. */
  fanInFanOut?: boolean;
  /** With `rows`, the ids of the rows. */
  tokens?: number[];
  /** With `tied-rows`, the path of the embedding. */
  table?: string;
}

/** What a config does to a model, before anything is allocated: the value that manager, efficiency and dry runs share. */
export interface AdapterPlan {
  config: LoraConfig;
  modules: PlannedModule[];
  extras: PlannedExtra[];
  /** The whole frozen model, adapted modules or not. */
  base: { parameters: number; bytes: number };
  /** Things worth a line to the user, e.g. a rank above what a module can use. */
  warnings: string[];
}
