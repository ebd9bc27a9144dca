import { describe, expect, it, withFolder } from '@lowrank/testing';
import {
  classNamesOf,
  encodeLabelledTexts,
  parseLabelledTexts,
  readLabelledTexts,
  type LabelledText,
} from '@lowrank/trainer';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const refusal = (message: string) =>
  expect.objectContaining({ code: 'data-invalid', message: expect.stringContaining(message) });

describe('parseLabelledTexts', () => {
  it('reads CSV: quoted delimiters, quotes and line breaks, other columns, CRLF and a byte-order mark', () => {
    const csv = '\uFEFFid,label,text\r\n1,ham,"a, ""b""\r\nc"\r\n2,spam,ü \r\n\r\n';
    expect(parseLabelledTexts(csv, 'x.csv')).toEqual([
      { where: 'x.csv:2', label: 'ham', text: 'a, "b"\r\nc' },
      { where: 'x.csv:4', label: 'spam', text: 'ü ' },
    ]);
  });

  it('takes semicolons and tabs where the header is made of them', () => {
    for (const delimiter of [';', '\t']) {
      const csv = `text${delimiter}label\na, b${delimiter}x`;
      expect(parseLabelledTexts(csv, 'x.TSV')).toEqual([{ where: 'x.TSV:2', text: 'a, b', label: 'x' }]);
    }
  });

  it('reads JSON Lines, where a label may be a number or a truth value', () => {
    const jsonl = '{"text":"a","label":1}\n{"text":"b","label":"x"}\n{"text":"c","label":false}';
    expect(parseLabelledTexts(jsonl, 'x.jsonl').map(({ label }) => label)).toEqual(['1', 'x', 'false']);
  });

  it('takes other columns on request, and a second text', () => {
    const options = { text: 'premise', pair: 'hypothesis', label: 'gold' };
    const wanted = [{ where: expect.any(String), text: 'p', pair: 'h', label: 'yes' }];
    expect(parseLabelledTexts('gold,premise,hypothesis\nyes,p,h', 'x.csv', options)).toEqual(wanted);
    expect(parseLabelledTexts('{"gold":"yes","premise":"p","hypothesis":"h"}', 'x.ndjson', options)).toEqual(wanted);
  });

  it('takes a second text that goes by its usual name, of the whole file', () => {
    const wanted = [{ where: expect.any(String), text: 'p', pair: 'h', label: 'yes' }];
    expect(parseLabelledTexts('label,text,text_pair\nyes,p,h', 'x.csv')).toEqual(wanted);
    const line = '{"text":"p","text_pair":"h","label":"yes"}';
    expect(parseLabelledTexts(line, 'x.jsonl')).toEqual(wanted);
    expect(() => parseLabelledTexts(`${line}\n{"text":"p","label":"no"}`, 'x.jsonl')).toThrow(
      refusal('x.jsonl:2: there is no "text_pair" (nearest here: text'),
    );
    const [alone] = parseLabelledTexts('label,text_pair\nyes,h', 'x.csv', { text: 'text_pair' });
    expect(alone).toEqual({ where: 'x.csv:2', text: 'h', label: 'yes' });
  });

  const bad: Record<string, [file: string, text: string, message: string]> = {
    'a missing column': ['x.csv', 'id,body\n1,a', 'x.csv:1: there is no column "text": the header names "id", "body"'],
    'a column named twice': ['x.csv', 'text,label,text\na,b,c', 'x.csv:1: two columns are named "text"'],
    'a header alone': ['x.csv', 'text,label\n', 'x.csv: it has a header and no rows'],
    'a row too wide': ['x.csv', 'text,label\na,b\n"c\nd",e\nf,g,h', 'x.csv:5: the row has 3 fields, the header 2'],
    'a row too narrow': ['x.csv', 'text,label\na', 'x.csv:2: the row has 1 fields, the header 2'],
    'a blank line': ['x.csv', 'text,label\n\na,b', 'x.csv:2: the line is blank'],
    'an open quote': ['x.csv', 'text,label\na,b\n"c,d\ne,f', 'x.csv:3: Quoted field unterminated'],
    'a quote amiss': ['x.csv', 'text,label\n"a" b,c', 'x.csv:2: Trailing quote on quoted field is malformed'],
    'an empty text': ['x.csv', 'text,label\n ,b', 'x.csv:2: "text" is empty'],
    'an empty label': ['x.csv', 'text,label\na,', 'x.csv:2: "label" is empty'],
    'a line without a label': [
      'x.jsonl',
      '{"text":"a","lable":"b"}',
      'x.jsonl:1: there is no "label" (nearest here: lable, text)',
    ],
    'a line without text': ['x.jsonl', '{"text":" ","label":"b"}', 'x.jsonl:1: "text" is empty'],
    'a label that is none': ['x.jsonl', '{"text":"a","label":["b"]}', 'x.jsonl:1: "label" is an array, not a name'],
  };
  for (const [name, [file, text, message]] of Object.entries(bad)) {
    it(`refuses ${name}, naming file, line and reason`, () => {
      expect(() => parseLabelledTexts(text, file)).toThrow(refusal(message));
    });
  }
});

describe('readLabelledTexts', () => {
  it('reads files and folders, by name', () =>
    withFolder(async (folder) => {
      await writeFile(join(folder, 'b.csv'), 'text,label\nb,x');
      await writeFile(join(folder, 'a.jsonl'), '{"text":"a","label":"y"}');
      await writeFile(join(folder, 'c.txt'), 'c');
      expect((await readLabelledTexts([folder])).map(({ text }) => text)).toEqual(['a', 'b']);
      await expect(readLabelledTexts([join(folder, 'c.txt')])).rejects.toThrow(
        refusal('c.txt: labelled text ends in .csv, .tsv, .jsonl or .ndjson'),
      );
      await writeFile(join(folder, 'd.csv'), Buffer.from('text,label\nb,x\n\xe9,y', 'latin1'));
      await expect(readLabelledTexts([join(folder, 'd.csv')])).rejects.toThrow(
        refusal('d.csv: it is not UTF-8 text: line 3'),
      );
    }));
});

describe('class names', () => {
  const labelled = (...labels: string[]): LabelledText[] =>
    labels.map((label, index) => ({ where: `x.csv:${index + 2}`, text: 't', label }));

  it('come in an order of their own, numbers by value', () => {
    expect(classNamesOf(labelled('spam', 'ham', 'Eggs', 'ham'))).toEqual(['Eggs', 'ham', 'spam']);
    expect(classNamesOf(labelled('10', '9', '-1', '10'))).toEqual(['-1', '9', '10']);
  });

  it('must be two at least', () => {
    expect(() => classNamesOf(labelled('ham', 'ham'))).toThrow(refusal('2 texts, all labelled "ham"'));
    expect(() => classNamesOf([])).toThrow(refusal('no labelled texts'));
  });

  it('number the examples; a label that is none of them is refused by its place', () => {
    const encode = (text: string) => ({ ids: Int32Array.of(text.length) });
    const encoded = encodeLabelledTexts(labelled('spam', 'ham'), ['ham', 'spam'], encode);
    expect(encoded).toEqual([
      { ids: Int32Array.of(1), label: 1 },
      { ids: Int32Array.of(1), label: 0 },
    ]);
    expect(() => encodeLabelledTexts(labelled('ham', 'spim'), ['ham', 'spam'], encode)).toThrow(
      refusal('x.csv:3: the label "spim" is none of the 2 classes; nearest here: spam, ham'),
    );
  });
});
