import { LowrankError } from '@lowrank/core';

/** Windows of equal length cut from text, row-major `[count, seq]`. */
export interface TokenWindows {
  ids: Int32Array;
  /** The id that follows each of `ids`; -100 where there is none. */
  targets: Int32Array;
  count: number;
  seq: number;
}

export interface PackOptions {
  /** Tokens a window. */
  seq: number;
  /** Put between documents. Without it they follow each other bare. */
  endOfTextId?: number | undefined;
}

/**
 * Joins documents and cuts them into windows; each window's last target is the next one's first id, so every token
 * but the very first is predicted exactly once. The last window is filled up with id 0 and target -100.
 *
 * @param documents token ids, one list a document
 * @throws `config-invalid` for `seq`, `data-invalid` for an empty document or fewer than two tokens in all
 */
export function packDocuments(documents: ArrayLike<number>[], { seq, endOfTextId }: PackOptions): TokenWindows {
  if (!Number.isSafeInteger(seq) || seq < 1) {
    throw new LowrankError('config-invalid', {
      given: `seq: ${seq}`,
      rule: 'tokens a window are a whole number of 1 or more',
      fix: 'give a value that fits',
    });
  }
  const stream = joined(documents, endOfTextId);
  const count = Math.ceil((stream.length - 1) / seq);
  const ids = new Int32Array(count * seq);
  const targets = new Int32Array(count * seq).fill(-100);
  ids.set(stream.subarray(0, -1));
  targets.set(stream.subarray(1));
  return { ids, targets, count, seq };
}

function joined(documents: ArrayLike<number>[], endOfTextId: number | undefined): Int32Array {
  const empty = documents.findIndex(({ length }) => length === 0);
  const between = endOfTextId === undefined ? 0 : Math.max(0, documents.length - 1);
  const length = documents.reduce((total, document) => total + document.length, between);
  if (empty >= 0 || length < 2) {
    throw new LowrankError('data-invalid', {
      given: empty >= 0 ? `document ${empty} of ${documents.length}, without a token` : `${length} tokens in all`,
      rule: 'every document has tokens, and together they have at least two',
      fix: 'leave out empty documents, or give more text',
    });
  }
  const stream = new Int32Array(length);
  let at = 0;
  documents.forEach((document, index) => {
    if (index > 0 && endOfTextId !== undefined) stream[at++] = endOfTextId;
    stream.set(document, at);
    at += document.length;
  });
  return stream;
}
