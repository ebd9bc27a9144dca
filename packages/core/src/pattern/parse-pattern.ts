import { asSet, isWord, readBrackets, readEscape, type CharSet } from './char-set.js';
import { badPattern, unknownToMatcher } from './pattern-errors.js';
import { PatternReader } from './pattern-reader.js';

/** Whether a place between two characters of a text is meant. */
export type Place = (chars: string[], at: number) => boolean;

/** A pattern as a tree. */
export type PatternNode =
  | { kind: 'char'; set: CharSet }
  | { kind: 'place'; place: Place }
  | { kind: 'sequence' | 'choice'; of: PatternNode[] }
  | { kind: 'repeat'; of: PatternNode; min: number; max: number };

/**
 * The tree of an expression in the syntax of Python's `re`, which PEFT's files are written in.
 * Throws `config-invalid` for what Python refuses, and `config-unsupported`, by name, for look-arounds,
 * back-references, atomic and conditional groups, possessive repeats, flags and comments.
 */
export function parsePattern(source: string): PatternNode {
  const reader = new PatternReader(source);
  const tree = readChoice(reader, 0);
  if (!reader.done) throw badPattern(source, 'a ")" closes no group');
  return tree;
}

function readChoice(reader: PatternReader, depth: number): PatternNode {
  if (depth > deepest) throw unknownToMatcher(reader.source, `groups more than ${deepest} deep`);
  const branches = [readSequence(reader, depth)];
  while (reader.take('|')) branches.push(readSequence(reader, depth));
  return branches.length === 1 ? branches[0]! : { kind: 'choice', of: branches };
}

const deepest = 100;

function readSequence(reader: PatternReader, depth: number): PatternNode {
  const of: PatternNode[] = [];
  while (!reader.done && !reader.ahead('|') && !reader.ahead(')')) of.push(readRepeat(reader, depth));
  return of.length === 1 ? of[0]! : { kind: 'sequence', of };
}

function readRepeat(reader: PatternReader, depth: number): PatternNode {
  if (takeCount(reader) !== undefined) throw badPattern(reader.source, 'there is nothing to repeat');
  const of = readAtom(reader, depth);
  const count = takeCount(reader);
  if (count === undefined) return of;
  if (of.kind === 'place') throw badPattern(reader.source, 'there is nothing to repeat');
  if (count.max < count.min) throw badPattern(reader.source, 'a repeat ends below its start');
  if (!reader.take('?') && reader.take('+')) throw unknownToMatcher(reader.source, 'a possessive repeat');
  if (takeCount(reader) !== undefined) throw badPattern(reader.source, 'a repeat is repeated');
  return { kind: 'repeat', of, ...count };
}

function takeCount(reader: PatternReader): { min: number; max: number } | undefined {
  if (reader.take('*')) return { min: 0, max: Infinity };
  if (reader.take('+')) return { min: 1, max: Infinity };
  if (reader.take('?')) return { min: 0, max: 1 };
  if (!reader.ahead('{')) return undefined;
  const [, exact, from, to] = reader.takeMatch(/^\{(?:(\d+)|(\d*),(\d*))\}/) ?? [];
  if (exact !== undefined) return { min: Number(exact), max: Number(exact) };
  return from === undefined ? undefined : { min: Number(from), max: to === '' ? Infinity : Number(to) };
}

function readAtom(reader: PatternReader, depth: number): PatternNode {
  const place = Object.keys(places).find((text) => reader.take(text));
  if (place !== undefined) return { kind: 'place', place: places[place]! };
  if (reader.take('(')) return readGroup(reader, depth);
  if (reader.take('[')) return { kind: 'char', set: readBrackets(reader) };
  if (reader.take('.')) return { kind: 'char', set: (char) => char !== '\n' };
  if (reader.take('\\')) return { kind: 'char', set: asSet(readEscape(reader)) };
  return { kind: 'char', set: asSet(reader.next()!) };
}

function readGroup(reader: PatternReader, depth: number): PatternNode {
  const opening = reader.takeMatch(/^\?(?::|P<[\p{L}_][\p{L}\p{N}_]*>)/u);
  if (opening === null && reader.ahead('?')) throw otherGroup(reader);
  const of = readChoice(reader, depth + 1);
  if (!reader.take(')')) throw badPattern(reader.source, 'a group is not closed with ")"');
  return of.kind === 'char' ? of : { kind: 'sequence', of: [of] };
}

function otherGroup(reader: PatternReader) {
  const what = Object.keys(otherGroups).find((opening) => reader.ahead(opening));
  if (what !== undefined) return unknownToMatcher(reader.source, otherGroups[what]!);
  if (reader.takeMatch(/^\?[aiLmsux-]+[:)]/)) return unknownToMatcher(reader.source, 'flags');
  return badPattern(reader.source, 'a group opens with what Python does not know');
}

const otherGroups: Record<string, string> = {
  '?=': 'a look-ahead',
  '?!': 'a look-ahead',
  '?<=': 'a look-behind',
  '?<!': 'a look-behind',
  '?P=': 'a back-reference',
  '?>': 'an atomic group',
  '?(': 'a conditional group',
  '?#': 'a comment',
};

const start: Place = (_, at) => at === 0;
const word: Place = (chars, at) => isWord(chars[at - 1] ?? '') !== isWord(chars[at] ?? '');

const places: Record<string, Place> = {
  '^': start,
  '\\A': start,
  $: (chars, at) => at === chars.length || (at === chars.length - 1 && chars[at] === '\n'),
  '\\Z': (chars, at) => at === chars.length,
  '\\b': word,
  '\\B': (chars, at) => !word(chars, at),
};
