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
});
