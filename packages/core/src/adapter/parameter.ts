import type { Variable } from '@tensorflow/tfjs-core';
import type { ParameterRole } from './tensor-name.js';

/** A trainable tensor of an adapter. The layer owns `variable`; a trainer assigns to it. */
export interface Parameter {
  /** Canonical name: the key of gradients, moments and checkpoints. */
  name: string;
  /** Path of the adapted module, for messages that name layers. */
  path: string;
  role: ParameterRole;
  variable: Variable;
  /** Of a factor of a linear: what the update is multiplied by. */
  scaling?: number;
  /** Where it started, of a layer that adds only what has changed since (see `ShiftedLora`); frozen, the layer's. */
  initial?: Variable | undefined;
}
