import { wasm } from '@lowrank/backend-wasm';
import { useBackend } from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { generate, loadModel, loadTokenizer } from '@lowrank/models';
import { expect, it, withFolder } from '@lowrank/testing';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import OpenAI from 'openai';
import { tinyFolder, withServer, writeAdapters } from './served.js';

const template =
  "{% for message in messages %}{{ '<' + message['role'] + '>' + message['content'] + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<assistant>' }}{% endif %}";
const messages = [
  { role: 'system' as const, content: 'Be kind.' },
  { role: 'user' as const, content: 'Hello' },
  { role: 'assistant' as const, content: 'Good morning' },
  {
    role: 'user' as const,
    content: [
      { type: 'text' as const, text: 'Who are ' },
      { type: 'text' as const, text: 'you?' },
    ],
  },
];
// What the template makes of them, by hand.
const prompt = '<system>Be kind.\n<user>Hello\n<assistant>Good morning\n<user>Who are you?\n<assistant>';
const models = ['base', 'poet', 'clerk'];

it('chats by the template of its base, with each adapter, whole and in pieces', () =>
  withFolder(async (folder) => {
    const base = join(folder, 'base');
    await cp(tinyFolder, base, { recursive: true });
    await writeFile(join(base, 'chat_template.jinja'), template);
    const adapters = join(folder, 'adapters');
    const alone = await textsOf(adapters);
    expect(new Set(alone.values()).size).toBe(models.length);

    await withServer(['--model', base, '--adapters', adapters], async ({ url, stop }) => {
      const { completions } = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 }).chat;
      const of = (model: string) => ({ model, messages, temperature: 0, max_completion_tokens: 12 });
      const whole = await Promise.all(models.map((model) => completions.create(of(model))));
      for (const { model, object, choices, usage } of whole) {
        expect([object, choices.length, choices[0]!.finish_reason]).toEqual(['chat.completion', 1, 'length']);
        expect(choices[0]!.message).toEqual({ role: 'assistant', content: alone.get(model), refusal: null });
        expect(usage!.completion_tokens).toBe(12);
        expect(usage!.total_tokens).toBe(usage!.prompt_tokens + 12);
      }
      const pieces = models.map(async (model) => {
        const options = { stream: true as const, stream_options: { include_usage: true } };
        const chunks = [];
        for await (const chunk of await completions.create({ ...of(model), ...options })) chunks.push(chunk);
        const choices = chunks.flatMap((chunk) => chunk.choices);
        expect(choices.map(({ delta }) => delta.content ?? '').join('')).toBe(alone.get(model));
        expect(choices[0]!.delta.role).toBe('assistant');
        expect(choices.map((choice) => choice.finish_reason).filter(Boolean)).toEqual(['length']);
        expect(choices.length).toBeGreaterThan(3);
        expect(chunks.at(-1)!.usage).toEqual(whole[models.indexOf(model)]!.usage);
      });
      await Promise.all(pieces);
      const nobody = completions.create({ ...of('base'), messages: [] });
      await expect(nobody).rejects.toMatchObject({ status: 400, code: 'invalid_request' });
      expect(await stop()).toBe(0);
    });
  }));

/** Writes the adapters, and gives what each model writes alone to the prompt. */
async function textsOf(folder: string): Promise<Map<string, string>> {
  await useBackend(wasm());
  using model = await loadModel(tinyFolder);
  const tokenizer = await loadTokenizer(tinyFolder);
  const adapters = await writeAdapters(model, folder, models.slice(1));
  const texts = new Map<string, string>();
  for (const name of models) {
    using manager = new LoraManager(model);
    if (name !== 'base') manager.add(name, adapters.get(name)!);
    let text = '';
    for await (const piece of generate(model, tokenizer, { prompt, temperature: 0, maxNewTokens: 12 })) text += piece;
    texts.set(name, text);
  }
  return texts;
}
