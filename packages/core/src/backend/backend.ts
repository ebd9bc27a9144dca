/**
 * A place where tensors live and kernels run, as a plain value from a factory such as `wasm()`.
 * Nothing happens until `useBackend` calls `init`.
 */
export interface Backend {
  /** tfjs's name for it. No underscore: tfjs splits kernel keys there. */
  readonly name: string;
  /** Loads the backend and registers its kernels with tfjs. Throws `backend-unavailable`. */
  init(): Promise<void>;
  /** What it can do, known after `init`. */
  capabilities(): { threads: number };
}
