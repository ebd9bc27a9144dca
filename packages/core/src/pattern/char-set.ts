import { badPattern, unknownToMatcher } from './pattern-errors.js';
import type { PatternReader } from './pattern-reader.js';

/** Whether one character (a code point) is meant. */
export type CharSet = (char: string) => boolean;

export const isWord = /* @__PURE__ */ kept((char) => /^[\p{L}\p{N}_]$/u.test(char));
const isDigit = /* @__PURE__ */ kept((char) => /^\p{Nd}$/u.test(char));
const isSpace = /* @__PURE__ */ kept((char) => /^[^\S\ufeff]$/u.test(char) || '\x1c\x1d\x1e\x1f\x85'.includes(char));

const sets: Record<string, CharSet> = { w: isWord, d: isDigit, s: isSpace };
const controls: Record<string, string> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', a: '\x07' };
const hexDigits: Record<string, number> = { x: 2, u: 4, U: 8 };

/** What follows a backslash, as Python reads it: one character, or a set of them. */
export function readEscape(reader: PatternReader): string | CharSet {
  const letter = reader.next();
  if (letter === undefined) throw badPattern(reader.source, 'it ends in a bare backslash');
  const set = sets[letter.toLowerCase()];
  if (set !== undefined) return letter in sets ? set : (char) => !set(char);
  if (letter in controls) return controls[letter]!;
  if (letter in hexDigits) return readCodePoint(reader, hexDigits[letter]!);
  if (/[1-9]/.test(letter)) throw unknownToMatcher(reader.source, `the back-reference or octal escape "\\${letter}"`);
  if (/[a-zA-Z0]/.test(letter)) throw badPattern(reader.source, `"\\${letter}" stands for nothing here`);
  return letter;
}

/** A set in brackets, from after its `[` to after its `]`. */
export function readBrackets(reader: PatternReader): CharSet {
  const negated = reader.take('^');
  const parts: CharSet[] = [];
  for (let first = true; first || !reader.take(']'); first = false) {
    const from = readMember(reader);
    if (!reader.ahead('-') || reader.ahead('-]')) parts.push(asSet(from));
    else {
      reader.take('-');
      parts.push(range(reader.source, from, readMember(reader)));
    }
  }
  return kept((char) => parts.some((part) => part(char)) !== negated);
}

function readMember(reader: PatternReader): string | CharSet {
  if (reader.take('\\b')) return '\b';
  if (reader.take('\\')) return readEscape(reader);
  const char = reader.next();
  if (char === undefined) throw badPattern(reader.source, 'a set is not closed with "]"');
  return char;
}

function range(source: string, from: string | CharSet, to: string | CharSet): CharSet {
  if (typeof from !== 'string' || typeof to !== 'string' || code(from) > code(to))
    throw badPattern(source, 'a range in a set goes from one character up to another');
  return (char) => code(char) >= code(from) && code(char) <= code(to);
}

export function asSet(member: string | CharSet): CharSet {
  return typeof member === 'string' ? (char) => char === member : member;
}

function readCodePoint(reader: PatternReader, digits: number): string {
  const hex = Array.from({ length: digits }, () => reader.next() ?? '').join('');
  const value = Number.parseInt(hex, 16);
  if (!/^[0-9a-f]+$/i.test(hex) || hex.length < digits || value > 0x10ffff)
    throw badPattern(reader.source, `an escaped character takes ${digits} hexadecimal digits`);
  return String.fromCodePoint(value);
}

function code(char: string): number {
  return char.codePointAt(0)!;
}

/** `set`, asked once a character: a long set would else cost its length at each step. */
function kept(set: CharSet): CharSet {
  const answers = new Map<string, boolean>();
  return (char) => {
    const known = answers.get(char);
    if (known !== undefined) return known;
    const answer = set(char);
    answers.set(char, answer);
    return answer;
  };
}
