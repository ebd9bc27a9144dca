import { chatTemplate, loadTokenizer } from '@lowrank/models';
import { describe, errorOf, expect, it } from '@lowrank/testing';
import { encodeRecords, type ChatRecord, type CompletionRecord } from '@lowrank/trainer';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

interface Golden {
  conversations: Pick<ChatRecord, 'messages' | 'tools'>[];
  cases: {
    template: string;
    conversation: number;
    addGenerationPrompt: boolean;
    ids?: number[];
    mask?: number[] | null;
  }[];
}

const goldens = fileURLToPath(new URL('../../../../tooling/goldens', import.meta.url));
const { conversations, cases } = JSON.parse(await readFile(`${goldens}/data/chat/expected.json`, 'utf8')) as Golden;
const tokenizer = await loadTokenizer(`${goldens}/data/chat`);
const templateOf = async (name: string) =>
  chatTemplate(await readFile(`${goldens}/chat-templates/${name}.jinja`, 'utf8'), {
    bos_token: '<s>',
    eos_token: '</s>',
  });
const chat = (conversation: Pick<ChatRecord, 'messages' | 'tools'>): ChatRecord => ({
  format: 'chat',
  where: 'x.jsonl:1',
  ...conversation,
});
const completion = (prompt: string, end: string): CompletionRecord => ({
  format: 'completion',
  where: 'x',
  prompt,
  completion: end,
});

/** What is learned, read back, run by run. */
function learned(ids: Int32Array, targets: Int32Array): string[] {
  const runs: number[][] = [];
  targets.forEach((target, place) => {
    if (target === -100) return;
    if (place === 0 || targets[place - 1] === -100) runs.push([]);
    runs.at(-1)!.push(target);
    if (place + 1 < ids.length) expect(ids[place + 1]).toBe(target);
  });
  return runs.map((run) => tokenizer.decode(run));
}

describe('a conversation', () => {
  for (const name of ['marked', 'trimmed-marks']) {
    it(`learns the tokens that transformers' assistant mask has: ${name}`, async () => {
      const template = await templateOf(name);
      const own = cases.filter((one) => one.template === name && !one.addGenerationPrompt && one.ids);
      expect(own.length).toBeGreaterThan(7);
      for (const { conversation, ids, mask } of own) {
        const [example] = encodeRecords([chat(conversations[conversation]!)], { tokenizer, chatTemplate: template });
        expect([...example!.ids]).toEqual(ids!.slice(0, -1));
        expect([...example!.targets]).toEqual(ids!.slice(1).map((id, index) => (mask![index + 1] ? id : -100)));
      }
    });
  }

  it('learns what each turn of the assistant adds after the generation prompt where the template marks none', async () => {
    const said = async (name: string, index: number) => {
      const [example] = encodeRecords([chat(conversations[index]!)], {
        tokenizer,
        chatTemplate: await templateOf(name),
      });
      return learned(example!.ids, example!.targets);
    };
    expect(await said('chatml', 1)).toEqual(['Ahoy!<|im_end|>\n', 'The Pequod, of Nantucket.<|im_end|>\n']);
    expect(await said('alternating', 1)).toEqual([' Ahoy!</s>', ' The Pequod, of Nantucket.</s>']);
    expect(await said('chatml', 4)).toEqual(['<|im_end|>\n']);
    expect(await said('chatml', 3)).toEqual(['日本語, e\u0301 & <b>ä</b><|im_end|>\n', '</s><|im_end|>\n']);
    expect(await said('tools', 8)).toEqual([
      expect.stringContaining('"arguments": {"city": "Zürich"'),
      'Clear.<|im_end|>\n',
    ]);
  });

  it('is refused, naming its place, where the template refuses it or writes it anew, and without a template', async () => {
    const alternating = await templateOf('alternating');
    const refused = await errorOf(() =>
      encodeRecords([chat(conversations[6]!)], { tokenizer, chatTemplate: alternating }),
    );
    expect(refused).toMatchObject({ code: 'data-invalid', given: 'x.jsonl:1: a conversation of 3 messages' });
    expect((refused as { rule: string }).rule).toContain('Roles must alternate');

    const fickle = chatTemplate('{{ messages | length }}{% for m in messages %}{{ m.content }}{% endfor %}');
    expect(
      await errorOf(() => encodeRecords([chat(conversations[1]!)], { tokenizer, chatTemplate: fickle })),
    ).toMatchObject({
      given: 'x.jsonl:1: the first 2 of 5 messages',
      fix: expect.stringContaining('{% generation %}'),
    });
    expect(await errorOf(() => encodeRecords([chat(conversations[1]!)], { tokenizer }))).toMatchObject({
      code: 'config-invalid',
    });
  });
});

describe('a prompt with its completion', () => {
  it('learns the completion and the end, and nothing of the prompt', () => {
    const [example] = encodeRecords([completion('Who hunts the whale?', ' Ahab does.')], { tokenizer });
    expect(learned(example!.ids, example!.targets)).toEqual([' Ahab does.</s>']);
    const whole = tokenizer.encode('Who hunts the whale? Ahab does.');
    expect([...example!.ids]).toEqual(whole);
    const prompt = tokenizer.encode('Who hunts the whale?').length;
    expect([...example!.targets]).toEqual([...whole.slice(1).fill(-100, 0, prompt - 1), tokenizer.eosTokenId]);
  });

  it('learns a token that reaches over the seam, and adds no second end', () => {
    const [over, ended] = encodeRecords([completion('Who hunts the wh', 'ale?'), completion('Who?', ' I.</s>')], {
      tokenizer,
    });
    expect(learned(over!.ids, over!.targets)).toEqual([' whale?</s>']);
    expect(learned(ended!.ids, ended!.targets)).toEqual([' I.</s>']);
  });

  it('puts the special tokens before a text that the tokenizer puts there', () => {
    const around = {
      encode: (text: string, { specialTokens = false } = {}) => [...(specialTokens ? [7] : []), ...Buffer.from(text)],
    };
    const [example] = encodeRecords([completion('ab', 'c')], { tokenizer: around });
    expect([[...example!.ids], [...example!.targets]]).toEqual([
      [7, 97, 98],
      [-100, -100, 99],
    ]);
  });
});

it('a text is learned as a whole, with its end', () => {
  const text = 'Who hunts the whale?';
  const [example] = encodeRecords([{ format: 'text', where: 'x', text }], { tokenizer });
  const ids = tokenizer.encode(text);
  expect([[...example!.ids], [...example!.targets]]).toEqual([ids, [...ids.slice(1), tokenizer.eosTokenId]]);
});
