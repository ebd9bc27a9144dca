import { LowrankError } from '@lowrank/core';
import { chatTemplate, loadTokenizer } from '@lowrank/models';
import type { FuzzTarget } from '@lowrank/testing';
import { readFileSync } from 'node:fs';
import { goldenBytes, inMemory, memoryName } from './in-memory.js';

const template = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../../../tooling/goldens/chat-templates/${name}.jinja`, import.meta.url)));
/** Numbers in it that become large, or blocks that are repeated, make it run away. */
const growing = new TextEncoder().encode(
  `{% set ns = namespace(s='a', l=[1]) %}{% for i in range(2) %}{% for j in range(0, 3, 1) %}{% set ns.s = ns.s ~ ns.s %}
{% set ns.l = [ns.l, ns.l] %}{% endfor %}{% endfor %}{{ ns.l | tojson(indent=2) | replace('1', ns.s) | indent(4) }}
{% macro f(n) %}{% if n %}{{ f(n - 1) ~ f(n - 1) }}{% endif %}x{% endmacro %}{{ f(4).split('x') | join(ns.s) }}`,
);
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
    async parse(given) {
      const tokenizer = await loadTokenizer(inMemory({ 'tokenizer.json': given }));
      const { ids } = tokenizer.encodeSequence('The whale, in 1851.');
      if (ids.every((id) => Number.isSafeInteger(id) && id >= 0)) tokenizer.decode(ids);
      return 0;
    },
  },
  {
    name: 'chat template',
    named: 'c',
    leastRefused: 0.1,
    // A range has a list of as many numbers as there is work for.
    ownBytes: 2 ** 22,
    intact: [...['alternating', 'chatml', 'marked', 'tools'].map(template), growing],
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
