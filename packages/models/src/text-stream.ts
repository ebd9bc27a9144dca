import type { Tokenizer } from './tokenizer.js';

/** What a decoder gives for bytes that are not (yet) a character. */
const incomplete = '\uFFFD';

/**
 * Turns ids that come one at a time into pieces of text that join to the text of them all.
 * A character whose bytes lie in several tokens is held back until it is whole.
 */
export class TextStream {
  readonly #ids: number[];
  /** Ids from `#shown` on have not been given as text; those from `#start` on are decoded with them as context. */
  #start: number;
  #shown: number;

  /** @param prompt ids already known, whose text is not repeated but may decide about spaces after it. */
  constructor(
    private readonly tokenizer: Tokenizer,
    prompt: ArrayLike<number> = [],
  ) {
    this.#ids = Array.from(prompt);
    this.#shown = this.#ids.length;
    this.#start = Math.max(0, this.#shown - 8);
  }

  /** The text that `id` completes, which may be empty. */
  push(id: number): string {
    this.#ids.push(id);
    const piece = this.#pending();
    return piece.endsWith(incomplete) ? '' : this.#show(piece);
  }

  /** What is left when no id will follow: empty unless the last character was never finished. */
  end(): string {
    return this.#show(this.#pending());
  }

  #pending(): string {
    const before = this.tokenizer.decode(this.#ids.slice(this.#start, this.#shown));
    return this.tokenizer.decode(this.#ids.slice(this.#start)).slice(before.length);
  }

  #show(piece: string): string {
    this.#start = this.#shown;
    this.#shown = this.#ids.length;
    return piece;
  }
}
