/** What is put on a base: logits of the next token, an encoder's states, or logits of classes. */
export type Head = 'causal' | 'encoder' | 'classifier';

/** A randomly initialised model of a few thousand weights. */
export interface Base {
  /** `<family>/<what is special about it>`. */
  name: string;
  head: Head;
  /** Keys of `config.json` that differ from Transformers' defaults. */
  config: Record<string, unknown>;
  /** The class of Transformers that it is saved by, where its head is another than `head`. */
  savedAs?: string;
  /** Adapters are made on it too. */
  adapted?: boolean;
  /** What lowrank must name when it refuses the config, for what it does not do. */
  refused?: string;
}

/** Gives the bases of a family: what is special about one, the keys of its config for that, and what else it is. */
export function family(name: string, head: Head, shape: Record<string, unknown>) {
  return (special: string, config: Record<string, unknown> = {}, more: Partial<Base> = {}): Base => ({
    name: `${name}/${special}`,
    head,
    config: { model_type: name, ...shape, ...config },
    ...more,
  });
}

/** The part of a base's name that says its family. */
export function familyOf({ name }: Pick<Base, 'name'>): string {
  return name.split('/')[0] as string;
}

/** Whether a head reads the embedding's table; of a GPT-2 it does unless the config says otherwise. */
export function hasTiedHead({ name, head, config }: Base): boolean {
  const tied = config['tie_word_embeddings'] ?? familyOf({ name }) === 'gpt2';
  return head === 'causal' && tied === true;
}
