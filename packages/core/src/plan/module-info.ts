/** A module of a host as plain data: enough to plan an adapter without the weights. */
export interface ModuleInfo {
  /** Hugging Face's dotted path, e.g. `model.layers.0.self_attn.q_proj`. */
  path: string;
  /** `linear`, `conv1d`, `conv2d`, `embedding`, `norm`, `layer-norm`, or a host's own word. */
  kind: string;
  /** Features in and out of a linear, channels of a convolution; rows and width of an embedding's table. */
  in?: number;
  out?: number;
  /** Of a convolution: the sides of its kernel. */
  kernel?: number[];
  /** Of a convolution, where it has more than one. */
  groups?: number;
  /** Whether it adds a bias. */
  bias?: boolean;
  /** A linear whose weight lies `[in, out]` in files too, as GPT-2's Conv1D does: PEFT's `fan_in_fan_out`. */
  fanInFanOut?: boolean;
  /** The model's output head: left out of `all-linear`, as PEFT does. */
  head?: boolean;
  /** Made up for a task, for the model's files lack it: of no use untrained, and saved along. */
  fresh?: boolean;
  /** The path of the embedding whose table this head reads. */
  table?: string;
  /** Parameters this module owns; 0 where it shares another's (a tied head). */
  parameters: number;
  /** Bytes of those parameters in memory. */
  bytes: number;
}
