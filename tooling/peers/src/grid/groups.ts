/** What a group of cases holds against what. */
export interface Group {
  title: string;
  /** Largest difference allowed, relative to the largest value. */
  tolerance: number;
  because: string;
}

export const groups = {
  base: {
    title: 'base models: outputs are those of Transformers',
    tolerance: 1e-3,
    because: 'float32 through up to 30 layers, each with sums in another order; the small models come much closer',
  },
  load: {
    title: 'adapters by PEFT, loaded here: outputs are those of PEFT',
    tolerance: 1e-4,
    because: 'float32 through two layers and their adapters, sums in another order',
  },
  write: {
    title: 'adapters written here, loaded in PEFT: the same outputs, and no warning that its own files do not give',
    tolerance: 1e-6,
    because: 'PEFT computes both from the same numbers; only sums over differently aligned memory may round otherwise',
  },
  'round-trip': {
    title: "PEFT's files read and written again: the same bytes",
    tolerance: 0,
    because: 'nothing is computed',
  },
  step: {
    title: 'one training step: gradients and AdamW-updated weights are those of PyTorch',
    tolerance: 1e-4,
    because:
      "a backward pass in float32; a gradient's largest value counts for at least a hundredth of the adapter's largest, since that of a key's bias is nothing but rounding",
  },
  merge: {
    title: 'merged models written here, loaded in Transformers: outputs are those of PEFT merged',
    tolerance: 1e-4,
    because: 'one more float32 rounding of each weight than apart',
  },
  start: {
    title: 'adapters that PEFT starts (PiSSA, OLoRA, orthogonal, EVA) and trains a step, loaded here as plain LoRA',
    tolerance: 1e-4,
    because: 'PEFT subtracts the start from the base and the file from it again, each in float32',
  },
  'start-write': {
    title: 'adapters started here (those, and LoftQ on a packed base) and trained, loaded in PEFT as plain LoRA',
    tolerance: 1e-4,
    because: 'float32 through two layers, with the difference of two products of the size of a weight',
  },
  optimizer: {
    title: "one step of LoRA+ and of LoRA-FA: the weights are those of PEFT's optimisers",
    tolerance: 1e-4,
    because: 'as `step`',
  },
  several: {
    title: 'several adapters at once, with weights, and one for each row: outputs are those of PEFT',
    tolerance: 1e-4,
    because: 'as `load`; PEFT combines with weights by putting factors side by side, here updates are added up',
  },
} as const satisfies Record<string, Group>;

export type GroupName = keyof typeof groups;
