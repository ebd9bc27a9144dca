import { chatTemplate, loadChatTemplate, loadTokenizer, type TemplateMessage } from '@lowrank/models';
import { describe, errorOf, expect, it, withFolder } from '@lowrank/testing';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenFolder } from '../test/golden.js';

interface Case {
  template: string;
  conversation: number;
  addGenerationPrompt: boolean;
  text?: string;
  ids?: number[];
  mask?: number[] | null;
}

interface Expected {
  conversations: { messages: TemplateMessage[]; tools?: unknown[] }[];
  cases: Case[];
}

const folder = goldenFolder('chat');
const { conversations, cases } = JSON.parse(await readFile(join(folder, 'expected.json'), 'utf8')) as Expected;
const sourceOf = (name: string) => readFile(join(folder, '../../chat-templates', `${name}.jinja`), 'utf8');
const tokens = { bos_token: '<s>', eos_token: '</s>' };

describe('a chat template', () => {
  for (const name of new Set(cases.map(({ template }) => template))) {
    it(`writes and encodes conversations as transformers does: ${name}`, async () => {
      const template = chatTemplate(await sourceOf(name), tokens);
      const { encode } = await loadTokenizer(folder);
      const own = cases.filter((one) => one.template === name);
      for (const { conversation, addGenerationPrompt, text, ids } of own) {
        const { messages, tools } = conversations[conversation]!;
        const render = () => template.render(messages, { addGenerationPrompt, tools });
        if (text === undefined) {
          expect(render).toThrow(expect.objectContaining({ code: 'data-invalid' }));
        } else {
          expect([conversation, render()]).toEqual([conversation, text]);
          expect(encode(text)).toEqual(ids);
        }
      }
    });
  }

  it('tells where the assistant speaks by its generation blocks, or by what its turns add', async () => {
    const said = async (name: string) => {
      const { text, spans } = chatTemplate(await sourceOf(name), tokens).turns(conversations[1]!.messages);
      return spans.map(([from, to]) => text.slice(from, to));
    };
    expect(await said('trimmed-marks')).toEqual(['Ahoy!<|im_end|>', 'The Pequod, of Nantucket.<|im_end|>']);
    const unanswered = chatTemplate(await sourceOf('marked'), tokens).turns([{ role: 'user', content: 'a' }]);
    expect(unanswered.spans).toEqual([]);
    expect(await said('chatml')).toEqual(['Ahoy!<|im_end|>\n', 'The Pequod, of Nantucket.<|im_end|>\n']);
  });
});

describe('a marked template', () => {
  it('refuses a message that holds its marks', async () => {
    const template = chatTemplate(await sourceOf('marked'), tokens);
    const forged = [{ role: 'assistant', content: 'a\uFDD1b' }];
    expect(await errorOf(() => template.turns(forged))).toMatchObject({ rule: expect.stringContaining('U+FDD1') });
  });
});

describe('loadChatTemplate', () => {
  const hello = [{ role: 'user', content: 'hello' }];
  const rendered = async (folder: string) => (await loadChatTemplate(folder)).render(hello);

  it("takes the folder's jinja file, else its config's template, of several the default", () =>
    withFolder(async (folder) => {
      const config = (json: object) => writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify(json));
      const [one, two] = ['{{ bos_token }}{{ messages[0].content }}{{ eos_token }}', 'two {{ messages | length }}'];
      await config({ chat_template: one, bos_token: { content: '<s>' }, eos_token: '</s>', pad_token: null });
      expect(await rendered(folder)).toBe('<s>hello</s>');
      const named = (name: string, template: string) => ({ name, template });
      await config({ chat_template: [named('tool_use', one), named('default', two)] });
      expect(await rendered(folder)).toBe('two 1');
      await writeFile(join(folder, 'chat_template.jinja'), 'three');
      expect(await rendered(folder)).toBe('three');
    }));

  it('is refused by folder where there is none, and by reason where it does not parse', () =>
    withFolder(async (folder) => {
      expect(await errorOf(() => rendered(folder))).toMatchObject({ code: 'model-unsupported', given: `"${folder}"` });
      await writeFile(
        join(folder, 'tokenizer_config.json'),
        '{"chat_template": [{"name": "rag", "template": "x"}, null]}',
      );
      expect(await errorOf(() => rendered(folder))).toMatchObject({ code: 'model-unsupported' });
      await writeFile(join(folder, 'chat_template.jinja'), '{% for m in messages %}');
      expect(await errorOf(() => rendered(folder))).toMatchObject({
        code: 'file-invalid',
        rule: expect.stringContaining('does not parse'),
      });
    }));
});
