import { LowrankError, type TokenBatch } from '@lowrank/core';
import type { Tokenizer } from '@lowrank/models';
import {
  encodeRecords,
  fitExamples,
  lengthBatches,
  packDocuments,
  parseRecords,
  tokenBatches,
  type BatchSource,
} from '@lowrank/trainer';

/** Tokens of a window or example at the most, and rows of a batch. */
export const shape = { batch: 4, seq: 64 };

export interface Split {
  train: BatchSource<TokenBatch>;
  heldOut: BatchSource<TokenBatch>;
}

/** Text or JSON Lines as batches, the last tenth of it held out. Throws `data-invalid`. */
export function splitData(text: string, tokenizer: Tokenizer): Split {
  const { batch, seq } = shape;
  const records = text.trimStart().startsWith('{') ? parseRecords(text, 'the text given') : undefined;
  if (records && records[0]?.format !== 'text') {
    const { examples } = fitExamples(encodeRecords(records, { tokenizer }), seq);
    const cut = held(examples.length);
    return {
      train: lengthBatches(examples.slice(0, cut), { batch }),
      heldOut: lengthBatches(examples.slice(cut), { batch, shuffle: false }),
    };
  }
  const texts = records ? records.map((record) => (record.format === 'text' ? record.text : '')) : [text];
  const documents = texts.map((each) => tokenizer.encode(each));
  const { ids, targets, count } = packDocuments(documents, { seq, endOfTextId: tokenizer.eosTokenId });
  const cut = held(count);
  const part = (from: number, to: number) => ({
    ...{ ids: ids.slice(from * seq, to * seq), targets: targets.slice(from * seq, to * seq) },
    ...{ count: to - from, seq },
  });
  return {
    train: tokenBatches(part(0, cut), { batch }),
    heldOut: tokenBatches(part(cut, count), { batch, shuffle: false }),
  };
}

/** Where the held-out tenth begins. */
function held(count: number): number {
  const cut = count - Math.max(1, Math.round(count / 10));
  if (cut >= 1) return cut;
  throw new LowrankError('data-invalid', {
    given: `${count} piece${count === 1 ? '' : 's'} of at most ${shape.seq} tokens`,
    rule: 'at least one is held out and one is learned',
    fix: 'give more text',
  });
}
