import type { Sequence } from './sequence.js';

/** Whole answers and pieces of them, in the shapes of OpenAI's two endpoints. */
export interface AnswerShape {
  whole(text: string, finish: string): object;
  piece(text: string, index: number): object;
  last(finish: string): object;
  object: string;
  pieceObject: string;
  prefix: string;
}

export const completionShape: AnswerShape = {
  prefix: 'cmpl',
  object: 'text_completion',
  pieceObject: 'text_completion',
  whole: (text, finish) => ({ index: 0, text, finish_reason: finish, logprobs: null }),
  piece: (text) => ({ index: 0, text, finish_reason: null, logprobs: null }),
  last: (finish) => ({ index: 0, text: '', finish_reason: finish, logprobs: null }),
};

export const chatShape: AnswerShape = {
  prefix: 'chatcmpl',
  object: 'chat.completion',
  pieceObject: 'chat.completion.chunk',
  whole: (content, finish) => ({
    index: 0,
    message: { role: 'assistant', content, refusal: null },
    finish_reason: finish,
    logprobs: null,
  }),
  piece: (content, index) => ({
    index: 0,
    delta: { ...(index === 0 && { role: 'assistant' }), content },
    finish_reason: null,
    logprobs: null,
  }),
  last: (finish) => ({ index: 0, delta: {}, finish_reason: finish, logprobs: null }),
};

/** Tokens of a request and of its answer. */
export function usageOf({ options, made }: Sequence) {
  const prompt = options.prompt.length;
  return { prompt_tokens: prompt, completion_tokens: made, total_tokens: prompt + made };
}
