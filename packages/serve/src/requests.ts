import { z } from 'zod';
import { ApiError } from './api-error.js';

const stop = z
  .union([z.string().min(1).max(256), z.array(z.string().min(1).max(256)).max(4)])
  .nullish()
  .transform((value) => (typeof value === 'string' ? [value] : (value ?? [])));

const shared = {
  model: z.string().max(256),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  seed: z.int().nullish(),
  stop,
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
  n: z.literal(1, 'one answer a request: n is 1').nullish(),
  logprobs: z.literal(false, 'log probabilities are not given').nullish(),
};
const tokens = z.int().min(1).nullish();

export const completionRequest = z.object({ ...shared, prompt: z.string(), max_tokens: tokens });

const part = z.object({ type: z.literal('text'), text: z.string() });
const content = z.union([z.string(), z.array(part).transform((parts) => parts.map(({ text }) => text).join(''))]);
const message = z.looseObject({ role: z.string(), content: content.nullish() });

export const chatRequest = z.object({
  ...shared,
  messages: z.array(message).min(1),
  max_tokens: tokens,
  max_completion_tokens: tokens,
});

export const adapterRequest = z.strictObject({ lora_name: z.string().max(128) });

/** What completions and chats have in common. */
export type SharedRequest = Omit<z.infer<typeof completionRequest>, 'prompt'>;

/** Throws an `ApiError` 400 that names the first key that does not fit. */
export function parsed<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new ApiError(400, 'invalid_request', `${issue?.path.join('.') || 'the body'}: ${issue?.message}`);
}
