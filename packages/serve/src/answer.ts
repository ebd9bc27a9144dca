import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { randomUUID } from 'node:crypto';
import { usageOf, type AnswerShape } from './answers.js';
import { cancelled, type ApiError } from './api-error.js';
import type { SharedRequest } from './requests.js';
import type { Sequence } from './sequence.js';

interface AnswerOptions {
  request: SharedRequest;
  shape: AnswerShape;
  /** What the client is told where it fails under way. */
  refusal: (error: unknown) => ApiError;
}

/** Answers with what a sequence writes, whole or piece by piece; a client that goes away ends it. */
export async function answer(
  c: Context,
  sequence: Sequence,
  { request, shape, refusal }: AnswerOptions,
): Promise<Response> {
  const gone = () => sequence.fail(cancelled());
  if (c.req.raw.signal.aborted) gone();
  c.req.raw.signal.addEventListener('abort', gone);
  const head = { id: `${shape.prefix}-${randomUUID()}`, created: Math.floor(Date.now() / 1000), model: request.model };
  if (request.stream !== true) {
    let text = '';
    for await (const piece of sequence.pieces) text += piece;
    const choices = [shape.whole(text, sequence.finish as string)];
    return c.json({ ...head, object: shape.object, choices, usage: usageOf(sequence) });
  }
  return streamSSE(c, async (stream) => {
    stream.onAbort(gone);
    const send = (rest: object) =>
      stream.writeSSE({ data: JSON.stringify({ ...head, object: shape.pieceObject, ...rest }) });
    let index = 0;
    try {
      for await (const piece of sequence.pieces) await send({ choices: [shape.piece(piece, index++)] });
      await send({ choices: [shape.last(sequence.finish as string)] });
      if (request.stream_options?.include_usage) await send({ choices: [], usage: usageOf(sequence) });
      await stream.writeSSE({ data: '[DONE]' });
    } catch (error) {
      await stream.writeSSE({ data: JSON.stringify(refusal(error).body) });
    }
  });
}
