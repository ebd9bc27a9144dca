import type { BatchSource } from './batch-source.js';
import { dataError } from './data-error.js';
import { hash } from './hash.js';
import { lengthGroups, type LengthGroupsOptions } from './length-groups.js';

/** What sets one kind of examples apart from another. */
export interface Grouping<Example, Batch> {
  /** @param seq the longest of them */
  collate(examples: Example[], seq: number): Batch;
  weight(batch: Batch): number;
  /** All that an example holds, for the fingerprint. */
  values(example: Example): ArrayLike<number>[];
}

/** A batch source of examples by like lengths: see `lengthGroups`. Throws `data-invalid` without examples, or for an empty one. */
export function groupedBatches<Example extends { ids: Int32Array }, Batch>(
  examples: readonly Example[],
  options: LengthGroupsOptions,
  { collate, weight, values }: Grouping<Example, Batch>,
): BatchSource<Batch> {
  const lengths = examples.map(({ ids }) => ids.length);
  const empty = lengths.indexOf(0);
  if (lengths.length === 0 || empty >= 0) {
    const given = empty >= 0 ? `example ${empty} of ${lengths.length}, without a token` : 'no examples';
    throw dataError(given, 'there must be one, and tokens in each', 'leave out what is empty');
  }
  const { batch, seed = 0, shuffle = true } = options;
  const groups = lengthGroups(lengths, options);
  const batchesPerEpoch = Math.ceil(lengths.length / batch);
  const order = shuffle ? `by length ${seed}` : 'by length in order';
  return {
    batchesPerEpoch,
    fingerprint: [hash(examples.flatMap(values)), lengths.length, batch, order].join(' '),
    weight,
    at(index) {
      const group = groups(Math.floor(index / batchesPerEpoch))[index % batchesPerEpoch] as number[];
      const seq = Math.max(...group.map((example) => lengths[example] as number));
      return collate(
        group.map((example) => examples[example] as Example),
        seq,
      );
    },
  };
}
