import { describe, expect, it, withFolder } from '@lowrank/testing';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lowrank, writeText } from './lowrank.js';
import { mails, mailsAsCsv, mailsAsLines } from './mails.js';
import { writeTinyBert } from './tiny-bert.js';

interface Place {
  folder: string;
  bert: string;
  data: string;
}

interface Case {
  name: string;
  args: (place: Place) => Promise<string[]> | string[];
  input?: string;
  code: 1 | 2;
  says: RegExp;
}

const train = ({ folder, bert, data }: Place, ...more: string[]) => [
  ...['train', '--model', bert, '--data', data, '--out', join(folder, 'out'), '--steps', '1', '--backend', 'wasm'],
  ...more,
];

/** An adapter of one step; what is given is taken away again. */
async function trained(place: Place, without?: string): Promise<string> {
  const out = join(place.folder, 'adapter');
  const { code } = await lowrank(train(place, '--out', out));
  expect(code).toBe(0);
  if (without !== undefined) await rm(join(out, without));
  return out;
}

async function written(folder: string, name: string, content: string): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

const cases: Case[] = [
  {
    name: 'an encoder for plain text',
    args: async (place) => train({ ...place, data: await writeText(place.folder) }),
    code: 1,
    says: /"model_type": "bert"[\s\S]*labelled texts/,
  },
  {
    name: 'an option of the other task',
    args: (place) => train(place, '--sample', 'Free'),
    code: 2,
    says: /--sample with --task classify[\s\S]*belongs to --task generate/,
  },
  {
    name: 'a label column for plain text',
    args: async (place) => train({ ...place, data: await writeText(place.folder) }, '--label-column', 'kind'),
    code: 2,
    says: /--label-column with --task generate/,
  },
  {
    name: 'a task that is none',
    args: (place) => train(place, '--task', 'clasify'),
    code: 2,
    says: /--task[\s\S]*generate, classify/,
  },
  {
    name: 'a file of one class',
    args: async (place) =>
      train({ ...place, data: await written(place.folder, 'one.csv', mailsAsCsv(mails.slice(0, 4))) }),
    code: 1,
    says: /4 texts, all labelled "spam"[\s\S]*at least two classes/,
  },
  {
    name: 'texts that leave none to hold out',
    args: async (place) => {
      const two = [mails[0]!, mails.at(-1)!];
      return train({ ...place, data: await written(place.folder, 'two.jsonl', mailsAsLines(two)) });
    },
    code: 1,
    says: /2 texts, each of a class of its own[\s\S]*--eval-data/,
  },
  {
    name: 'a class to evaluate that nothing teaches, by its place',
    args: async (place) =>
      train(place, '--eval-data', await written(place.folder, 'held.csv', 'text,label\nHello,ham\nHello,spma')),
    code: 1,
    says: /held\.csv:3[\s\S]*"spma" is none of the 2 classes[\s\S]*nearest here: spam/,
  },
  {
    name: 'a table without labels, by its header',
    args: async (place) => train({ ...place, data: await written(place.folder, 'no.csv', 'text,kind\nHello,ham') }),
    code: 1,
    says: /no\.csv:1[\s\S]*no column "label"/,
  },
  {
    name: 'data of an ending that is none',
    args: async (place) => train({ ...place, data: await written(place.folder, 'data.xlsx', 'x') }),
    code: 1,
    says: /data\.xlsx[\s\S]*\.csv or \.tsv/,
  },
  {
    name: 'a sequence without room for text',
    args: (place) => train(place, '--sequence', '2'),
    code: 1,
    says: /maxLength: 2[\s\S]*above the 2 special tokens/,
  },
  {
    name: 'an adapter without the names of its classes',
    args: async (place) => ['classify', '--adapter', await trained(place, 'classes.json'), 'Hello'],
    code: 1,
    says: /classes\.json[\s\S]*names the classes[\s\S]*"id2label"/,
  },
  {
    name: 'an adapter of another task',
    args: async (place) => ['generate', '--adapter', await trained(place)],
    code: 1,
    says: /"model_type": "bert"[\s\S]*loadClassifier/,
  },
  {
    name: 'neither model nor adapter',
    args: () => ['classify', 'Hello'],
    code: 2,
    says: /neither --model nor --adapter[\s\S]*add --model/,
  },
  {
    name: 'an adapter that names no base',
    args: async ({ folder }) => {
      await mkdir(join(folder, 'bare'));
      await written(
        join(folder, 'bare'),
        'adapter_config.json',
        '{"peft_type": "LORA", "base_model_name_or_path": null}',
      );
      return ['generate', '--adapter', join(folder, 'bare')];
    },
    code: 2,
    says: /no --model for .*bare[\s\S]*does not say what base/,
  },
  {
    name: 'a base without a head, and no adapter',
    args: ({ bert }) => ['classify', '--model', bert, 'Hello'],
    code: 1,
    says: /without a head or names for its classes/,
  },
  {
    name: 'nothing to classify',
    args: async (place) => ['classify', '--adapter', await trained(place)],
    code: 2,
    says: /no texts, and none on stdin/,
  },
  {
    name: 'a blank line',
    args: async (place) => ['classify', '--adapter', await trained(place)],
    input: 'Hello\n\nHello\n',
    code: 1,
    says: /line 2 of stdin[\s\S]*blank/,
  },
];

describe('bad labels, and what does not go with them, give a clear error and an exit code:', () => {
  for (const { name, args, input = '', code, says } of cases) {
    it(
      name,
      async () => {
        await withFolder(async (folder) => {
          const bert = await writeTinyBert(
            join(folder, 'bert'),
            mails.map(({ text }) => text),
          );
          const data = await written(folder, 'mails.csv', mailsAsCsv());
          const given = await args({ folder, bert, data });
          const before = await readdir(folder, { recursive: true });
          const ran = await lowrank(given, { input });
          expect(ran.stderr).toMatch(says);
          expect(ran.stderr).not.toMatch(/unexpected error|at .*\.js:\d+/);
          expect(ran.code).toBe(code);
          expect(await readdir(folder, { recursive: true })).toEqual(before);
        });
      },
      30_000,
    );
  }
});
