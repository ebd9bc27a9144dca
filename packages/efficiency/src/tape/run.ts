import type { ModuleInfo, PlannedExtra, PlannedModule } from '@lowrank/core/plan';
import type { KernelMemory } from '../kernel-memory.js';
import type { Tape, Value } from './tape.js';

/** What a forward pass is recorded with. */
export interface Run {
  tape: Tape;
  kernels: KernelMemory;
  /** Rows of a batch. */
  batch: number;
  /** Tokens of each row. */
  seq: number;
  modules: Map<string, ModuleInfo>;
  adapted: Map<string, PlannedModule>;
  extras: Map<string, PlannedExtra[]>;
  adapter: { dropout: number; loraBias: boolean; useDora: boolean };
}

/** An op of one input and one output of the same shape. */
export type OneToOne = (run: Run, x: Value) => Value;

/** The shape of a value, for one more of it. */
export const like = ({ rows, features }: Value): [number, number] => [rows, features];
