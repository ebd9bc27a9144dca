/** A module of a host as plain data: enough to plan an adapter without the weights. */
export interface ModuleInfo {
  /** Hugging Face's dotted path, e.g. `model.layers.0.self_attn.q_proj`. */
  path: string;
  /** `linear`, `embedding`, `norm`, or a host's own word. Only `linear` takes an adapter today. */
  kind: string;
  /** Features in and out, for a linear. */
  in?: number;
  out?: number;
  /** A linear whose weight lies `[in, out]` in files too, as GPT-2's Conv1D does: PEFT's `fan_in_fan_out`. */
  fanInFanOut?: boolean;
  /** The model's output head: left out of `all-linear`, as PEFT does. */
  head?: boolean;
  /** Parameters this module owns; 0 where it shares another's (a tied head). */
  parameters: number;
  /** Bytes of those parameters in memory. */
  bytes: number;
}
