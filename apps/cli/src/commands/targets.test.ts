import { describe, expect, it } from '@lowrank/testing';
import { whole } from './number.js';
import { nameList, pattern, targets } from './targets.js';

describe('targets', () => {
  it.each([
    ['q_proj, v_proj', ['q_proj', 'v_proj']],
    ['ALL-linear', 'all-linear'],
    [String.raw`/layers\.\d{1,2}\.[q,v]_proj/`, String.raw`layers\.\d{1,2}\.[q,v]_proj`],
  ])('reads %s', (text, value) => expect(targets(text)).toEqual(value));

  it('takes a list as it stands: one of a single expression is that, and a name may have a comma', () => {
    expect(targets.ofEntries([String.raw`/.*\.[0-9]{1,2}\.q/`])).toBe(String.raw`.*\.[0-9]{1,2}\.q`);
    expect(targets.ofEntries(['q_proj', 'branch,left'])).toEqual(['q_proj', 'branch,left']);
    expect(targets.ofEntries(['all-linear'])).toBe('all-linear');
    expect(nameList.ofEntries(['all-linear', 7])).toEqual(['all-linear', '7']);
  });

  it('refuses an expression beside others, which would be read as a name', () => {
    expect(() => targets('/q{1,2}/,v_proj')).toThrow('An expression stands alone');
    expect(() => targets.ofEntries(['/q{1,2}/', 'v_proj'])).toThrow('An expression stands alone');
  });

  it.each([[[]], [['q_proj', '']], [[null]], [[['q_proj']]], [{ q_proj: 1 }]])('refuses %j', (entries) => {
    expect(() => targets.ofEntries(entries)).toThrow(/names/);
  });
});

describe('pattern', () => {
  const ranks = pattern(whole());

  it('parts pairs at commas that are no part of an expression', () => {
    const text = String.raw`layers\.\d{1,2}\.q=2, [a,\],b(]\.k=3,(up,|down)=4,one\,two=5,v=6`;
    const value = {
      [String.raw`layers\.\d{1,2}\.q`]: 2,
      [String.raw`[a,\],b(]\.k`]: 3,
      '(up,|down)': 4,
      'one\\,two': 5,
    };
    expect(ranks(text)).toEqual({ ...value, v: 6 });
    expect(Object.keys(ranks(text))).toEqual([...Object.keys(value), 'v']);
  });

  it('takes maps and lists of pairs as they stand, whatever is in a key', () => {
    expect(ranks.ofEntries({ 'a,b=c': 2, d: '3' })).toEqual({ 'a,b=c': 2, d: 3 });
    expect(ranks.ofEntries(['a,b=2', 'c=3'])).toEqual({ 'a,b': 2, c: 3 });
  });

  it.each([[{ a: 'many' }], [{ a: null }], [{ a: { b: 1 } }], [['a']], [[null]]])('refuses %j', (entries) => {
    expect(() => ranks.ofEntries(entries)).toThrow();
  });
});
