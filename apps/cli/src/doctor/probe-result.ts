import type { Capabilities } from '@lowrank/core';
import type { FittedMemory, Speed } from '@lowrank/efficiency';
import type { BackendName } from '../inputs/backend-names.js';

/** What one backend can do here, measured, or why it is not there. */
export type ProbeResult = { name: BackendName } & (
  | ({
      works: true;
      version: string;
      /** Median of 10^9 floating-point operations a second in `measuredShape`'s frozen linear. */
      gflops: number;
      /** What a training step's time goes into, units of each kind of work a second; without what costs nothing. */
      speed: Partial<Speed>;
      /** What it takes beside tensors, in bytes and as a part of theirs; absent where that was not measured. */
      memory?: FittedMemory;
    } & Omit<Capabilities, 'version'>)
  | { works: false; because: Because }
);

/** A `LowrankError`'s facts, or those of a process that ended badly. */
export interface Because {
  code: string;
  given: string;
  rule: string;
  fix: string;
}
