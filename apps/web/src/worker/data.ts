import { LowrankError, type TokenBatch } from '@lowrank/core';
import { loadChatTemplate, type ModelFolder, type Tokenizer } from '@lowrank/models';
import {
  encodeRecords,
  fitExamples,
  lengthBatches,
  packDocuments,
  parseRecords,
  tokenBatches,
  type BatchSource,
  type DataRecord,
} from '@lowrank/trainer';

/** Tokens of a window or example at the most, and rows of a batch. */
export const shape = { batch: 4, seq: 64 };

export interface Split {
  train: BatchSource<TokenBatch>;
  heldOut: BatchSource<TokenBatch>;
}

/**
 * Text, a table or JSON Lines, as the file's ending says, in batches, the last tenth of it held out.
 * Throws `data-invalid`, and `model-unsupported` for conversations where the model's folder has no chat template.
 */
export async function splitData(
  { text, file }: { text: string; file: string },
  { tokenizer, folder }: { tokenizer: Tokenizer; folder: ModelFolder },
): Promise<Split> {
  const records = recordsOf(text, file);
  const texts = records.flatMap((record) => (record.format === 'text' ? [record.text] : []));
  if (texts.length === records.length) return windows(texts, tokenizer);
  const chats = records.some((record) => record.format === 'chat');
  return examples(
    encodeRecords(records, { tokenizer, chatTemplate: chats ? await loadChatTemplate(folder) : undefined }),
  );
}

function recordsOf(text: string, file: string): DataRecord[] {
  return /\.(csv|tsv|jsonl|ndjson)$/i.test(file) ? parseRecords(text, file) : [{ format: 'text', where: file, text }];
}

function examples(encoded: ReturnType<typeof encodeRecords>): Split {
  const { examples: fitting } = fitExamples(encoded, shape.seq);
  const cut = held(fitting.length);
  return {
    train: lengthBatches(fitting.slice(0, cut), { batch: shape.batch }),
    heldOut: lengthBatches(fitting.slice(cut), { batch: shape.batch, shuffle: false }),
  };
}

function windows(texts: string[], tokenizer: Tokenizer): Split {
  const { batch, seq } = shape;
  const documents = texts.map((each) => tokenizer.encode(each));
  const { ids, targets, count } = packDocuments(documents, { seq, endOfTextId: tokenizer.eosTokenId });
  const cut = held(count);
  const part = (from: number, to: number) => ({
    ids: ids.slice(from * seq, to * seq),
    targets: targets.slice(from * seq, to * seq),
    count: to - from,
    seq,
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
