import { LowrankError } from '@lowrank/core';
import { dataError } from './data-error.js';
import type { ChatRecord, DataRecord } from './record.js';
import { tokenExample, type TokenExample } from './token-example.js';

export interface EncodeRecordsOptions {
  /** `loadTokenizer` of `@lowrank/models` gives one. */
  tokenizer: {
    encode(text: string, options?: { specialTokens?: boolean }): number[];
    readonly eosTokenId?: number;
  };
  /** Needed for chat; `loadChatTemplate` of `@lowrank/models` gives one. */
  chatTemplate?:
    | {
        /** The conversation's text, and where in it the assistant speaks, in UTF-16 units. */
        turns(
          messages: ChatRecord['messages'],
          options: { tools?: unknown[] | undefined },
        ): { text: string; spans: [from: number, to: number][] };
      }
    | undefined;
}

/**
 * Records as token ids of which only completions, or the assistant's turns, are targets; of a text all are. Prompt and
 * completion are encoded as one text, as the model reads them, with its special tokens and the token that ends a text
 * after them; a token that holds the end of one part and the beginning of the next is a target.
 *
 * @throws `data-invalid`, naming the record, where the template refuses it; `config-invalid` for chat without a template
 */
export function encodeRecords(records: readonly DataRecord[], options: EncodeRecordsOptions): TokenExample[] {
  return records.map((record) => {
    try {
      return encodeRecord(record, options);
    } catch (cause) {
      if (!LowrankError.is(cause, 'data-invalid')) throw cause;
      throw dataError(`${record.where}: ${cause.given}`, cause.rule, cause.fix, cause);
    }
  });
}

function encodeRecord(record: DataRecord, options: EncodeRecordsOptions): TokenExample {
  switch (record.format) {
    case 'text':
      return encodeCompletion('', record.text, options);
    case 'completion':
      return encodeCompletion(record.prompt, record.completion, options);
    case 'chat':
      return encodeChat(record, options);
    default:
      return record satisfies never;
  }
}

function encodeCompletion(prompt: string, completion: string, { tokenizer }: EncodeRecordsOptions): TokenExample {
  const { eosTokenId } = tokenizer;
  const ids = tokenizer.encode(prompt + completion, { specialTokens: true });
  const from = commonLength(tokenizer.encode(prompt, { specialTokens: true }), ids);
  if (eosTokenId !== undefined && ids.at(-1) !== eosTokenId) ids.push(eosTokenId);
  return tokenExample(ids, (place) => place >= from);
}

/** The template has spelled out what special tokens there are. */
function encodeChat({ messages, tools }: ChatRecord, { tokenizer, chatTemplate }: EncodeRecordsOptions): TokenExample {
  if (!chatTemplate) {
    throw new LowrankError('config-invalid', {
      given: 'conversations without a chatTemplate',
      rule: 'a template says how the model reads them',
      fix: 'give `await loadChatTemplate(folder)` of @lowrank/models',
    });
  }
  const { text, spans } = chatTemplate.turns(messages, { tools });
  const ids = tokenizer.encode(text);
  const learned = new Set<number>();
  for (const [start, end] of spans) {
    const before = commonLength(tokenizer.encode(text.slice(0, start)), ids);
    const through = tokenizer.encode(text.slice(0, end));
    const whole = commonLength(through, ids);
    const to = end > start && whole < through.length ? whole + 1 : whole;
    for (let place = before; place < to; place++) learned.add(place);
  }
  return tokenExample(ids, (place) => learned.has(place));
}

function commonLength(left: number[], right: number[]): number {
  const differs = left.findIndex((id, place) => id !== right[place]);
  return differs < 0 ? left.length : differs;
}
