import { LowrankError } from '@lowrank/core';
import { chatTemplate, loadTokenizer } from '@lowrank/models';
import type { FuzzTarget } from '@lowrank/testing';
import { readFileSync } from 'node:fs';
import { goldenBytes, inMemory, memoryName } from './in-memory.js';

const template = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../../../tooling/goldens/chat-templates/${name}.jinja`, import.meta.url)));
const messages = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Aye?' },
  { role: 'assistant', content: 'Aye.' },
];

/** What text is read and written with. */
export const textTargets: FuzzTarget[] = [
  {
    name: 'tokenizer.json',
    named: memoryName,
    intact: [goldenBytes('wordpiece/tokenizer.json'), goldenBytes('chat/tokenizer.json')],
    // Of the library: an array of tokens by their ids.
    async parse(given) {
      const tokenizer = await loadTokenizer(inMemory({ 'tokenizer.json': given }));
      tokenizer.encodeSequence('The whale, in 1851.');
      return 0;
    },
  },
  {
    name: 'chat template',
    named: 'c',
    leastRefused: 0.1,
    intact: ['alternating', 'chatml', 'marked', 'tools'].map(template),
    parse(given) {
      const { render, turns } = chatTemplate(new TextDecoder().decode(given), { bos_token: '<s>', eos_token: '</s>' });
      for (const write of [() => render(messages), () => turns(messages)]) {
        try {
          write();
        } catch (error) {
          if (!LowrankError.is(error, 'data-invalid')) throw error;
        }
      }
      return 0;
    },
  },
];
