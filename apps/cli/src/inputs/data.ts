import type { TokenBatch } from '@lowrank/core';
import { loadChatTemplate, type Tokenizer } from '@lowrank/models';
import {
  encodeRecords,
  fitExamples,
  lengthBatches,
  packDocuments,
  packExamples,
  readRecords,
  tokenBatches,
  type BatchSource,
  type DataFormat,
  type DataRecord,
  type FittedExamples,
  type TextRecord,
  type TokenExample,
  type TokenWindows,
} from '@lowrank/trainer';

export interface DataOptions {
  /** The model's, whose chat template conversations take. */
  folder: string;
  tokenizer: Tokenizer;
  /** The most tokens a sequence may have. */
  seq: number;
  format?: DataFormat | undefined;
  /** The key of a text. Default `text`. */
  field?: string | undefined;
}

/** Data as token ids: text in windows of equal length, anything else by example. */
export interface TokenData {
  format: DataFormat;
  sequences: TokenWindows | TokenExample[];
  /** What was cut or left out, for people. */
  notice: string | undefined;
}

/** The data behind `paths`. Throws as `readRecords` and `encodeRecords` do, and `model-unsupported` for chat without a template. */
export async function readData(
  paths: string[],
  { folder, tokenizer, seq, format, field }: DataOptions,
): Promise<TokenData> {
  const records = await readRecords(paths, { format, field });
  if (isText(records)) {
    const documents = records.map(({ text }) => tokenizer.encode(text));
    const windows = packDocuments(documents, { seq, endOfTextId: tokenizer.eosTokenId });
    return { format: 'text', sequences: windows, notice: undefined };
  }
  const chat = records[0]?.format === 'chat';
  const chatTemplate = chat ? await loadChatTemplate(folder) : undefined;
  const fitted = fitExamples(encodeRecords(records, { tokenizer, chatTemplate }), seq);
  return { format: chat ? 'chat' : 'completion', sequences: fitted.examples, notice: noticeOf(fitted, records, seq) };
}

/** How many windows or examples there are. */
export function countOf({ sequences }: TokenData): number {
  return Array.isArray(sequences) ? sequences.length : sequences.count;
}

/** How many tokens are learned, or measured. */
export function targetsOf({ sequences }: TokenData): number {
  const count = (targets: Int32Array) => targets.reduce((sum, target) => sum + (target === -100 ? 0 : 1), 0);
  return Array.isArray(sequences)
    ? sequences.reduce((sum, { targets }) => sum + count(targets), 0)
    : count(sequences.targets);
}

export interface BatchesOptions {
  batch: number;
  seed?: number;
  shuffle?: boolean;
  /** Puts examples into windows of so many tokens, instead of batches of like lengths. */
  pack?: number | undefined;
}

export function batchesOf({ sequences }: TokenData, { pack, ...options }: BatchesOptions): BatchSource<TokenBatch> {
  if (!Array.isArray(sequences)) return tokenBatches(sequences, options);
  return pack === undefined
    ? lengthBatches(sequences, options)
    : tokenBatches(packExamples(sequences, { seq: pack }), options);
}

function isText(records: DataRecord[]): records is TextRecord[] {
  return records[0]?.format === 'text';
}

function noticeOf({ cut, leftOut }: FittedExamples, records: DataRecord[], seq: number): string | undefined {
  const first = (indices: number[]) => `${records[indices[0] as number]?.where}${indices.length > 1 ? ' and on' : ''}`;
  const parts = [
    ...(cut.length > 0 ? [`${cut.length} are longer than ${seq} tokens and lose their ends (${first(cut)})`] : []),
    ...(leftOut.length > 0
      ? [`${leftOut.length} have nothing to learn within ${seq} tokens and are left out (${first(leftOut)})`]
      : []),
  ];
  return parts.length === 0 ? undefined : `of ${records.length} examples ${parts.join('; ')}`;
}
