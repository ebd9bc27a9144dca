import { LowrankError } from '@lowrank/core';

/** Throws `data-invalid` for an id that is no token of a model with `vocabSize` of them, nor `also`. */
export function checkIds(ids: ArrayLike<number>, vocabSize: number, also?: number): void {
  const bad = Array.prototype.find.call(ids, (id: number) => id !== also && !(id >= 0 && id < vocabSize));
  if (bad === undefined) return;
  throw new LowrankError('data-invalid', {
    given: `token id ${bad}`,
    rule: `the model knows ids 0 to ${vocabSize - 1}`,
    fix: "encode the text with the model's own tokenizer",
  });
}
