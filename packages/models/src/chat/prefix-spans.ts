import { LowrankError } from '@lowrank/core';
import type { RenderedChat, RenderOptions, TemplateMessage } from '../chat-template.js';

type Render = (messages: readonly TemplateMessage[], options: RenderOptions) => string;

/**
 * Where the assistant's turns lie in a conversation whose template does not say: each from the end of the generation
 * prompt before it to the end of what it adds.
 */
export function prefixSpans(
  text: string,
  messages: readonly TemplateMessage[],
  render: Render,
  tools: unknown[] | undefined,
): RenderedChat {
  const lengthOf = (count: number, addGenerationPrompt: boolean) => {
    const before = render(messages.slice(0, count), { addGenerationPrompt, tools });
    if (text.startsWith(before)) return before.length;
    throw new LowrankError('data-invalid', {
      given: `the first ${count} of ${messages.length} messages`,
      rule: 'the chat template writes them otherwise once more follow, so the turns cannot be told apart',
      fix: "enclose the assistant's words in the template in {% generation %} and {% endgeneration %}",
    });
  };
  const spans = messages.flatMap(({ role }, index): [number, number][] =>
    role === 'assistant' ? [[lengthOf(index, true), lengthOf(index + 1, false)]] : [],
  );
  return { text, spans };
}
