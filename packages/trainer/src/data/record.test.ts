import { describe, expect, it } from '@lowrank/testing';
import { parseRecords } from '@lowrank/trainer';

const turns = [
  { role: 'user', content: 'a' },
  { role: 'assistant', content: 'b' },
];
const line = (object: unknown) => JSON.stringify(object);

describe('parseRecords', () => {
  it('gives one text a line; a trailing newline, CRLF and a byte-order mark are fine', () => {
    const texts = (...given: Parameters<typeof parseRecords>) =>
      parseRecords(...given).map((one) => 'text' in one && one.text);
    expect(texts('{"text":"a\\nb"}\n{"id":1,"text":" ü "}', 'x.jsonl')).toEqual(['a\nb', ' ü ']);
    expect(texts('\uFEFF{"text":"a"}\r\n{"text":"b"}\r\n', 'x.jsonl')).toEqual(['a', 'b']);
    expect(texts('{"body":"a"}\n', 'x.jsonl', { field: 'body' })).toEqual(['a']);
  });

  it("knows the format by the first line's keys, and each record's place", () => {
    const completion = { prompt: 'p', completion: ' c', id: 7 };
    expect(parseRecords(`${line(completion)}\n${line(completion)}`, 'x.jsonl')[1]).toEqual({
      format: 'completion',
      where: 'x.jsonl:2',
      prompt: 'p',
      completion: ' c',
    });
    expect(parseRecords(line({ messages: turns, tools: [{ name: 'f' }] }), 'x.jsonl')).toEqual([
      { format: 'chat', where: 'x.jsonl:1', messages: turns, tools: [{ name: 'f' }] },
    ]);
  });

  it('takes the format that is asked for, whatever other keys there are', () => {
    const all = line({ text: 't', prompt: 'p', completion: 'c', messages: turns });
    const formats = ['text', 'completion', 'chat'] as const;
    for (const format of formats) expect(parseRecords(all, 'x.jsonl', { format })[0]).toMatchObject({ format });
  });

  it('lets a message that calls tools say nothing', () => {
    const calls = { role: 'assistant', content: null, tool_calls: [{ function: { name: 'f', arguments: {} } }] };
    expect(parseRecords(line({ messages: [turns[0], calls] }), 'x.jsonl')).toHaveLength(1);
  });

  const bad: Record<string, [string, string]> = {
    'malformed JSON': ['{"text":"a"}\n{"text": "b"', 'x.jsonl:2: malformed JSON ('],
    'an array': ['["a"]', 'x.jsonl:1: the line is an array, not an object'],
    'a bare string': ['"a"', 'x.jsonl:1: the line is a string, not an object'],
    null: ['null', 'x.jsonl:1: the line is null, not an object'],
    'a missing field': ['{"txt":"a","id":1}', 'x.jsonl:1: there is no "text" (nearest here: txt, id)'],
    'an inherited field': ['{}', 'x.jsonl:1: there is no "text" (the object is empty)'],
    'a number': ['{"text":1}', 'x.jsonl:1: "text" is a number, not a string'],
    'null as text': ['{"text":null}', 'x.jsonl:1: "text" is null, not a string'],
    'an empty text': ['{"text":"a"}\n{"text":" \\n"}', 'x.jsonl:2: "text" is empty'],
    'a blank line': ['{"text":"a"}\n \n{"text":"b"}', 'x.jsonl:2: the line is blank'],
    'a second newline at the end': ['{"text":"a"}\n\n', 'x.jsonl:2: the line is blank'],
    'an empty file': ['\uFEFF\n', 'x.jsonl: it is empty'],
    'a prompt without a completion': [
      `${line({ prompt: 'p', completion: 'c' })}\n${line({ prompt: 'p', complete: 'c' })}`,
      'x.jsonl:2: there is no "completion" (nearest here: complete, prompt)',
    ],
    'a completion of nothing': [line({ prompt: 'p', completion: '' }), 'x.jsonl:1: "completion" is empty'],
    'messages as text': [line({ messages: 'a' }), 'x.jsonl:1: "messages" is a string, not an array'],
    'no messages': [line({ messages: [] }), 'x.jsonl:1: "messages" is empty'],
    'a message that is none': [
      line({ messages: [turns[0], 'b'] }),
      'x.jsonl:1: "messages"[1] is a string, not an object',
    ],
    'a message of nobody': [line({ messages: [{ content: 'a' }] }), 'x.jsonl:1: "messages"[0] has no "role"'],
    'a message without content': [
      line({ messages: [turns[0], { role: 'assistant' }] }),
      'x.jsonl:1: the "content" of "messages"[1] is missing, not a string',
    ],
    'content in parts': [
      line({ messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }] }] }),
      'x.jsonl:1: the "content" of "messages"[0] is an array, not a string',
    ],
    'a conversation without an answer': [
      line({ messages: [turns[0]] }),
      'x.jsonl:1: no message is of the role "assistant", so there is nothing to learn',
    ],
    'tools that are none': [line({ messages: turns, tools: {} }), 'x.jsonl:1: "tools" is an object, not an array'],
  };
  for (const [name, [text, message]] of Object.entries(bad)) {
    it(`refuses ${name}, naming file, line and reason`, () => {
      const code = 'data-invalid';
      expect(() => parseRecords(text, 'x.jsonl')).toThrow(
        expect.objectContaining({ code, message: expect.stringContaining(message) }),
      );
    });
  }

  it('tells what to write: the form in use, or all forms where none is recognised', () => {
    const fixOf = (text: string) => {
      try {
        parseRecords(text, 'x.jsonl');
      } catch (error) {
        return (error as { fix: string }).fix;
      }
      return '';
    };
    expect(fixOf('{"prompt":"p","completion":1}')).toBe(
      'write one object a line, all such as {"prompt": "...", "completion": "..."}',
    );
    expect(fixOf('{"question":"p"}')).toMatch(/^write .* all of one form: \{"text".* or \{"prompt".* or \{"messages"/);
  });
});
