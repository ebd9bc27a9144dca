import { matchTargets, patternValue } from '@lowrank/core';
import { describe, errorOf, expect, it } from '@lowrank/testing';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { golden } from '../../test/golden.js';

interface Expected {
  paths: string[];
  patterns: (
    | { pattern: string; error?: undefined; full: number[]; end: number[] }
    | { pattern: string; error: true }
  )[];
}

const { paths, patterns } = JSON.parse(readFileSync(join(golden('patterns'), 'expected.json'), 'utf8')) as Expected;

const full = (pattern: string, path: string) =>
  matchTargets({ targetModules: pattern }, [{ path, kind: 'linear', parameters: 0, bytes: 0 }]).modules.length === 1;
const end = (pattern: string, path: string) => patternValue({ [pattern]: 1 }, path) === 1;
const places = (matches: (path: string) => boolean) => paths.flatMap((path, at) => (matches(path) ? [at] : []));

describe("patterns match as Python's re does", () => {
  it.each(patterns)('$pattern', async (expected) => {
    if (expected.error) {
      expect((await errorOf(() => end(expected.pattern, 'a'))).code).toBe('config-invalid');
      return;
    }
    expect(places((path) => full(expected.pattern, path))).toEqual(expected.full);
    expect(places((path) => end(expected.pattern, path))).toEqual(expected.end);
  });
});

describe('patterns are matched in a time that no file can stretch', () => {
  const evil = [
    ['(a+)+$', 'a'],
    ['(a|a)*$', 'a'],
    ['(a|aa)+$', 'a'],
    ['(.*a){12}', 'a'],
    ['(.*)*(.*)*(.*)*x', 'a'],
    ['([a-zA-Z]+)*$', 'a'],
    ['((a*)*)*$', 'a'],
    ['(?:(?:a?){10}){20}', 'a'],
    ['(\\w+\\.?)+$', 'ab.'],
    ['.*.*.*.*.*.*.*.*=.*', 'model.layers.'],
    ['(a?){100}a{100}', 'a'],
    ['(|a)+(|a)+(|a)+$', 'a'],
  ] as const;

  it.each(evil)('%s ends within 50 ms on a long path', (pattern, part) => {
    const path = `${part.repeat(Math.ceil(1000 / part.length))}!`;
    const times = [1, 2, 3].map(() => {
      const from = performance.now();
      expect(full(pattern, path) || end(pattern, path)).toBe(false);
      return performance.now() - from;
    });
    expect(Math.min(...times)).toBeLessThan(50);
  });

  it('refuses repeats of repeats that grow without bound, and groups past 100 deep', async () => {
    for (const pattern of [
      '((a{500}){500}){500}',
      '((){9999}){9999}',
      '(x{99}){999999999999}',
      '(?:(?:a?){60}){60}',
      `${'('.repeat(5e5)}a`,
    ]) {
      const from = performance.now();
      expect((await errorOf(() => end(pattern, 'a'))).code).toBe('config-unsupported');
      expect(performance.now() - from).toBeLessThan(200);
    }
    expect(end(`${'('.repeat(100)}a${')'.repeat(100)}`, 'a')).toBe(true);
  });

  it('reads a set of many members once a character', () => {
    const set = `[${Array.from({ length: 20_000 }, (_, at) => String.fromCodePoint(0x4e00 + at)).join('')}]`;
    const from = performance.now();
    expect(end(`${set}{900}`, 'a'.repeat(1000))).toBe(false);
    expect(end(`[^${set.slice(1)}{900}`, 'a'.repeat(900))).toBe(true);
    expect(performance.now() - from).toBeLessThan(500);
  });
});

describe('patterns of Python that no such matcher knows are refused by name', () => {
  it.each([
    ['(?=a)a', 'a look-ahead'],
    ['(?!b)a', 'a look-ahead'],
    ['(?<=x)a', 'a look-behind'],
    ['(?<!x)a', 'a look-behind'],
    ['(a)\\1', 'the back-reference or octal escape "\\1"'],
    ['(?P<n>a)(?P=n)', 'a back-reference'],
    ['(?>a)', 'an atomic group'],
    ['(a)?(?(1)b|c)', 'a conditional group'],
    ['a*+', 'a possessive repeat'],
    ['(?i)a', 'flags'],
    ['(?s:a)', 'flags'],
    ['(?#a)', 'a comment'],
  ])('%s', async (pattern, name) => {
    const error = await errorOf(() => end(pattern, 'a'));
    expect(error.code).toBe('config-unsupported');
    expect(error.given).toContain(name);
  });
});
