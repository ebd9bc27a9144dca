import { describe, expect, it } from '@lowrank/testing';
import { parseJsonl } from '@lowrank/trainer';

describe('parseJsonl', () => {
  it('gives one text a line; a trailing newline, CRLF and a byte-order mark are fine', () => {
    expect(parseJsonl('{"text":"a\\nb"}\n{"id":1,"text":" ü "}', 'x.jsonl')).toEqual(['a\nb', ' ü ']);
    expect(parseJsonl('\uFEFF{"text":"a"}\r\n{"text":"b"}\r\n', 'x.jsonl')).toEqual(['a', 'b']);
    expect(parseJsonl('{"body":"a"}\n', 'x.jsonl', { field: 'body' })).toEqual(['a']);
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
  };
  for (const [name, [text, message]] of Object.entries(bad)) {
    it(`refuses ${name}, naming file, line and reason`, () => {
      const code = 'data-invalid';
      expect(() => parseJsonl(text, 'x.jsonl')).toThrow(
        expect.objectContaining({ code, message: expect.stringContaining(message) }),
      );
    });
  }
});
