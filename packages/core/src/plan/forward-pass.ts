import type { ModuleInfo } from './module-info.js';

/**
 * One op of a forward pass as plain data. Values go by name; each has one row of features for each token, unless it
 * comes of `positions` (a row for each position) or of `first-token` (a row for each sequence).
 */
export interface ForwardStep {
  /** `module` is the forward pass of the module at `path`. */
  op:
    | 'module'
    | 'add'
    | 'residual'
    | 'split'
    | 'split-heads'
    | 'join-heads'
    | 'rotary'
    | 'scale'
    | 'attention'
    | 'gelu'
    | 'swiglu'
    | 'tanh'
    | 'relu'
    | 'silu'
    | 'quick-gelu'
    | 'first-token';
  /** Names of the values that it reads; `ids` and `positions` are there from the start. */
  from: string[];
  /** Names of the values that it gives. */
  to: string[];
  path?: string;
  /** Of `attention`: query heads, and the key and value heads that they share. */
  heads?: number;
  kvHeads?: number;
  /** Of `attention`: whether a query sees no later key. */
  causal?: boolean;
}

/** A forward pass from ids to logits, as far as its cost depends on it. */
export interface ForwardPass {
  before: ForwardStep[];
  /** The layers, each of which frees what no gradient reads when it ends. */
  blocks: ForwardStep[][];
  after: ForwardStep[];
  /** The value that the loss reads: logits, or states where there is no head. */
  result: string;
}

/** A model as plain data, from a `config.json` alone: its modules in forward order, and how they are put together. */
export interface ModelOutline {
  modules: ModuleInfo[];
  pass: ForwardPass;
  /** The most positions a sequence may have. */
  maxPositions: number;
}
