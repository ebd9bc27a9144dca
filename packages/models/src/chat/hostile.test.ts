import { chatTemplate, loadChatTemplate } from '@lowrank/models';
import { describe, errorOf, expect, it, withFolder } from '@lowrank/testing';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const messages = [
  { role: 'user', content: 'Aye, aye?' },
  { role: 'assistant', content: 'Aye.' },
];
const loop = (body: string, count = 100_000) => `{% for i in range(${count}) %}${body}{% endfor %}`;
const grown = (times: number) =>
  `{% set ns = namespace(s='x,', l=['x']) %}${loop('{% set ns.s = ns.s ~ ns.s %}{% set ns.l = [ns.l, ns.l] %}', times)}`;

/** Each would run for minutes, or need gigabytes. */
const hostile: Record<string, string> = {
  'a range of a thousand million': '{% for i in range(1000000000) %}{{ i }}{% endfor %}',
  'a range that never comes nearer': '{% for i in range(0, 1, 0.0000000000000000001) %}{% endfor %}',
  'a range under another name': '{% set r = range %}{{ r(1000000000) | length }}',
  'loops in loops': loop(loop(loop('')), 1000),
  'a loop over what another loop made': `${grown(20)}${loop('{% for a in ns.s %}{% endfor %}')}`,
  'a text that doubles': `${grown(60)}`,
  'a text that is added to itself': `{% set ns = namespace(s=messages[0].content) %}${loop('{% set ns.s = ns.s + ns.s %}')}`,
  'a text joined by itself': `${grown(18)}{{ ns.s.split(',') | join(ns.s) }}`,
  'a text replaced by itself': `${grown(18)}{{ ns.s.replace('x', ns.s) }}`,
  'a text replaced by itself, as a filter': `${grown(18)}{{ ns.s | replace('x', ns.s) }}`,
  'a text between its characters': `${grown(18)}{{ ns.s.replace('', ns.s) }}`,
  'a method that goes by another name': `${grown(18)}{% set f = ns.s.replace %}{{ f('x', ns.s) }}`,
  'a method inside a namespace': `${grown(18)}{% set ns.f = ns.s.replace %}{{ ns.f('x', ns.s) }}`,
  'a method by an index': `${grown(18)}{{ ns.s['repl' ~ 'ace']('x', ns.s) }}`,
  'a list that is written out': `${grown(60)}{{ ns.l }}`,
  'a list as JSON': `${grown(60)}{{ ns.l | tojson }}`,
  'a list as text': `${grown(60)}{{ ns.l | string }}`,
  'a list added to a text': `${grown(60)}{{ ns.l ~ '' }}`,
  'a list compared with a text': `${grown(60)}{% if ns.l == 'x' %}{% endif %}`,
  'blanks of an indent': `{{ ('x\n' ~ 'y') | indent(2000000000) }}`,
  'blanks of an indent by name': "{{ ('x\\n' ~ 'y') | indent(width=500000000) }}",
  'blanks of JSON': '{{ messages | tojson(indent=500000000) }}',
  'separators of JSON': `${grown(18)}{{ range(10000) | list | tojson(separators=(ns.s, ns.s)) }}`,
  'a sort of long texts': `${grown(18)}{% set ns.t = namespace(l=[]) %}${loop('{% set ns.t.l = ns.t.l + [ns.s] %}', 300)}{{ ns.t.l | sort | length }}`,
  'a macro that calls itself': '{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}',
  'macros that call each other twice':
    Array.from({ length: 40 }, (_, n) => `{% macro f${n + 1}() %}{{ f${n}() }}{{ f${n}() }}{% endmacro %}`).join('') +
    '{% macro f0() %}x{% endmacro %}{{ f40() }}',
  'a macro that is defined over and over': loop(`{% macro f() %}${'{{ a.b.c }}'.repeat(2000)}{% endmacro %}`),
};

describe('a hostile chat template', () => {
  for (const [what, source] of Object.entries(hostile)) {
    it(`is stopped: ${what}`, async () => {
      const start = performance.now();
      const error = await errorOf(() => chatTemplate(source).render(messages));
      // A second alone; a stack that overflows, or a method that is none, is refused as any other error of a template.
      expect(performance.now() - start).toBeLessThan(15_000);
      expect(error).toMatchObject({ code: expect.stringMatching(/^(file|data)-invalid$/) });
    });
  }

  it('is named with the rule', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'chat_template.jinja');
      await writeFile(file, hostile['loops in loops']!);
      const { render } = await loadChatTemplate(folder);
      expect(await errorOf(() => render(messages))).toMatchObject({
        code: 'file-invalid',
        given: `the chat template of ${file}`,
        rule: expect.stringMatching(/^on a conversation of \d+ characters it does more than any template has to/),
      });
      await writeFile(file, 'x'.repeat(2 ** 17 + 1));
      expect(await errorOf(() => loadChatTemplate(folder))).toMatchObject({
        rule: expect.stringMatching(/131073 characters, and 131072 is the most/),
      });
      await writeFile(file, ' '.repeat(50_000));
      expect(await errorOf(() => loadChatTemplate(folder))).toMatchObject({ rule: expect.stringMatching(/blanks in a row/) });
    }));
});
