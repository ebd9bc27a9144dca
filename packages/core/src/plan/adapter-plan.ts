import type { LoraConfig } from '../config/lora-config.js';

/** One module that gets an adapter, with everything that decides its cost and its maths. */
export interface PlannedModule {
  path: string;
  kind: string;
  in: number;
  out: number;
  rank: number;
  alpha: number;
  /** What the update is multiplied by: alpha / rank, or alpha / sqrt(rank) under rsLoRA. */
  scaling: number;
  /** Parameters of A and B: `rank * (in + out)`. */
  parameters: number;
  /** Parameters of the frozen weight that A and B stand for: `in * out`. */
  baseParameters: number;
}

/** What a config does to a model, before anything is allocated: the value that manager, efficiency and dry runs share. */
export interface AdapterPlan {
  config: LoraConfig;
  modules: PlannedModule[];
  /** The whole frozen model, adapted modules or not. */
  base: { parameters: number; bytes: number };
  /** Things worth a line to the user, e.g. a rank above what a module can use. */
  warnings: string[];
}
