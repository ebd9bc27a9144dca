import { LowrankError } from '@lowrank/core';
import { folderOf, pathIn, readBytes, readJsonIfThere, type ModelFolder } from './folder/model-folder.js';
import { generationSpans, withGenerationMarks, type MarkedTemplate } from './chat/generation-marks.js';
import { prefixSpans } from './chat/prefix-spans.js';

/** One message: `role` and `content`, and whatever else the template reads, such as `tool_calls`. */
export type TemplateMessage = Readonly<Record<string, unknown>>;

export interface RenderOptions {
  /** Ends with what begins an assistant's turn, for the model to go on from. Default false. */
  addGenerationPrompt?: boolean | undefined;
  /** Function schemas that the template may list. */
  tools?: unknown[] | undefined;
}

/** A conversation as the model reads it. */
export interface RenderedChat {
  text: string;
  /** The parts of `text` that assistants said, from and up to a place in UTF-16 units, in order. */
  spans: [from: number, to: number][];
}

/** Writes conversations in the words that a model was trained on. Special tokens are spelled out. */
export interface ChatTemplate {
  /** Throws `data-invalid` where the template refuses the messages, `file-invalid` where it does not come to an end. */
  render(messages: readonly TemplateMessage[], options?: RenderOptions): string;
  /**
   * The whole conversation and which of it the assistant said: what `{% generation %}` encloses or, where the template
   * has no such block, all that an assistant's turn adds after the generation prompt.
   * Throws `data-invalid` where the template refuses the messages, or writes earlier turns anew as a conversation goes on.
   */
  turns(messages: readonly TemplateMessage[], options?: Pick<RenderOptions, 'tools'>): RenderedChat;
}

/**
 * The chat template of a Hugging Face folder: `chat_template.jinja`, else `chat_template` of `tokenizer_config.json`,
 * of several the one called `default`.
 *
 * @throws `model-unsupported` without a template, `file-invalid` for one that does not parse, and later for one whose
 *   loops or texts grow beyond what its conversation can need
 */
export async function loadChatTemplate(folder: string | ModelFolder): Promise<ChatTemplate> {
  const files = folderOf(folder);
  const config = (await readJsonIfThere(files, 'tokenizer_config.json')) ?? {};
  const own = await readBytes(files, 'chat_template.jinja');
  const source = own ? new TextDecoder().decode(own) : sourceIn(config['chat_template']);
  const name = `the chat template of ${pathIn(files, own ? 'chat_template.jinja' : 'tokenizer_config.json')}`;
  if (source !== undefined) return chatTemplate(source, specialTokens(config), name);
  throw new LowrankError('model-unsupported', {
    given: `"${files.name}"`,
    rule: 'it has neither a chat_template.jinja nor a "chat_template" in its tokenizer_config.json',
    fix: 'take an instruct model, put a chat_template.jinja beside its weights, or give prompt and completion',
  });
}

/**
 * A chat template from its Jinja source. A hostile one costs no more than some seconds: it is stopped once it has done
 * more than its conversation can need.
 *
 * @param specialTokens by name, such as `eos_token`
 * @param name what messages call the template
 * @throws `file-invalid` for a source that does not parse
 */
export function chatTemplate(
  source: string,
  specialTokens: Record<string, string> = {},
  name = 'the chat template',
): ChatTemplate {
  const template = parsed(source, name);
  const fill = (messages: readonly TemplateMessage[], { addGenerationPrompt = false, tools }: RenderOptions = {}) => {
    const items = { ...specialTokens, messages, add_generation_prompt: addGenerationPrompt, tools: tools ?? null };
    try {
      const text = template.render(items);
      return template.marked ? generationSpans(text) : { text, spans: undefined };
    } catch (cause) {
      throw LowrankError.is(cause) ? cause : refused(messages.length, cause);
    }
  };
  const render = (messages: readonly TemplateMessage[], options?: RenderOptions) => fill(messages, options).text;
  return {
    render,
    turns(messages, { tools } = {}) {
      const rendered = fill(messages, { tools });
      return rendered.spans
        ? { ...rendered, spans: rendered.spans }
        : prefixSpans(rendered.text, messages, render, tools);
    },
  };
}

function parsed(source: string, name: string): MarkedTemplate {
  try {
    return withGenerationMarks(source, name);
  } catch (cause) {
    throw new LowrankError('file-invalid', {
      given: name,
      rule: `it does not parse (${(cause as Error).message})`,
      fix: 'correct its Jinja, or take the template of the model it was made for',
      cause,
    });
  }
}

function sourceIn(entry: unknown): string | undefined {
  if (typeof entry === 'string') return entry;
  if (!Array.isArray(entry)) return undefined;
  const found = entry.find((one) => (one as { name?: unknown } | null)?.name === 'default') as { template?: unknown };
  return typeof found?.template === 'string' ? found.template : undefined;
}

/** Those that the config names: each by its text, or by an object that holds it. */
function specialTokens(config: Record<string, unknown>): Record<string, string> {
  const named = Object.entries(config).flatMap(([name, token]): [string, string][] => {
    const text = typeof token === 'object' && token !== null ? (token as { content?: unknown }).content : token;
    return name.endsWith('_token') && typeof text === 'string' ? [[name, text]] : [];
  });
  return Object.fromEntries(named);
}

function refused(count: number, cause: unknown): LowrankError {
  return new LowrankError('data-invalid', {
    given: `a conversation of ${count} message${count === 1 ? '' : 's'}`,
    rule: `the chat template refuses it (${(cause as Error).message})`,
    fix: "give roles and their order as the model's template wants them",
    cause,
  });
}
