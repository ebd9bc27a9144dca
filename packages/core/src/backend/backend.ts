import type { Kernels } from './kernels.js';

/**
 * A place where tensors live and kernels run, as a plain value from a factory such as `wasm()`.
 * Nothing happens until `useBackend` calls `init`.
 */
export interface Backend {
  /** tfjs's name for it. No underscore: tfjs splits kernel keys there. */
  readonly name: string;
  /** Loads the backend and registers its kernels with tfjs. Throws `backend-unavailable`. A second call is harmless. */
  init(): Promise<void>;
  /** What it can do, known after `init`. */
  capabilities(): Capabilities;
  /** Its own ways to compute lowrank's ops, read after `init`; what is left out is composed from tfjs's ops. */
  readonly kernels?: Kernels;
}

export interface Capabilities {
  /** Processor threads that its products use. */
  threads: number;
  /** Of what runs underneath, as it names itself. */
  version?: string;
  /** The device that it computes on, where that is not the processor. */
  device?: string;
  /** Whether that device is a stand-in that the processor computes. */
  software?: boolean;
  /** What it refuses beyond, in its own terms, such as the bytes of one buffer. */
  limits?: Record<string, number>;
}
