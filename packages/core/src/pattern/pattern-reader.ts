/** A place in the text of a pattern, moved on code point by code point. */
export class PatternReader {
  readonly source: string;
  readonly #chars: string[];
  #at = 0;

  constructor(source: string) {
    this.source = source;
    this.#chars = Array.from(source);
  }

  /** The next character, passed; undefined at the end. */
  next(): string | undefined {
    return this.#chars[this.#at++];
  }

  ahead(text: string): boolean {
    return Array.from(text).every((char, offset) => this.#chars[this.#at + offset] === char);
  }

  /** Whether `text` comes next; it is passed then. */
  take(text: string): boolean {
    const found = this.ahead(text);
    if (found) this.#at += text.length;
    return found;
  }

  /** What matches `expression` from here on, within the next 64 characters; it is passed then. */
  takeMatch(expression: RegExp): RegExpExecArray | null {
    const found = expression.exec(this.#chars.slice(this.#at, this.#at + 64).join(''));
    if (found !== null) this.#at += Array.from(found[0]).length;
    return found;
  }

  get done(): boolean {
    return this.#at >= this.#chars.length;
  }
}
