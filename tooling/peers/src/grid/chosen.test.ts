import { expect, test } from 'vitest';
import { chosen } from './chosen.js';

const ids = ['load/a/two+r3', 'load/a/two+r3+a3.5', 'step/a/two+r3'];

test('a whole id takes that case alone, a part every case that has it, an expression what it matches', () => {
  const taken = (only: string) => ids.filter(chosen(only, ids));
  expect(taken('load/a/two+r3')).toEqual([ids[0]]);
  expect(taken('two+r3')).toEqual(ids);
  expect(taken('a3.5')).toEqual([ids[1]]);
  expect(taken('a3x5')).toEqual([]);
  expect(taken('^(load|merge)/')).toEqual([ids[0], ids[1]]);
  expect(taken('')).toEqual(ids);
});
