import { describe, expect, it, withFolder } from '@lowrank/testing';
import { cp, readFile, readdir, truncate, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { lowrank, quick, writeText } from './lowrank.js';

const tiny = join(dirname(createRequire(import.meta.url).resolve('@lowrank/tiny-base/package.json')), 'model');
const train = (folder: string, ...args: string[]) => [
  'train',
  ...quick,
  '--steps',
  '1',
  '--out',
  join(folder, 'out'),
  ...args,
];

interface Case {
  name: string;
  args: (folder: string) => Promise<string[]> | string[];
  code: 1 | 2;
  says: RegExp;
}

const cases: Case[] = [
  {
    name: 'a command that is none',
    args: () => ['trian'],
    code: 2,
    says: /unknown command 'trian'[\s\S]*Did you mean train/,
  },
  {
    name: 'an option that is none',
    args: () => ['plan', '--model', 'tiny', '--rnak', '8'],
    code: 2,
    says: /unknown option '--rnak'[\s\S]*--rank/,
  },
  {
    name: 'rank 0',
    args: () => ['plan', '--model', 'tiny', '--rank', '0'],
    code: 2,
    says: /--rank[\s\S]*whole number of 1 or more/,
  },
  {
    name: 'alpha NaN',
    args: () => ['plan', '--model', 'tiny', '--alpha', 'NaN'],
    code: 2,
    says: /--alpha[\s\S]*above 0/,
  },
  { name: 'no model', args: () => ['plan'], code: 2, says: /--model/ },
  {
    name: 'a target that is none',
    args: () => ['plan', '--model', 'tiny', '--targets', 'q_porj'],
    code: 2,
    says: /"q_porj"[\s\S]*nearest here: q_proj/,
  },
  {
    name: 'a target that is neither a linear nor an embedding',
    args: () => ['plan', '--model', 'tiny', '--targets', 'norm'],
    code: 2,
    says: /model\.norm[\s\S]*of kind "norm"/,
  },
  {
    name: 'a model folder that is not there',
    args: (folder) => ['plan', '--model', join(folder, 'nowhere')],
    code: 1,
    says: /nowhere[\s\S]*config\.json/,
  },
  {
    name: 'a sequence beyond the model',
    args: async (folder) => train(folder, '--data', await writeText(folder), '--sequence', '4096'),
    code: 2,
    says: /--sequence 4096[\s\S]*at most 256/,
  },
  {
    name: 'a warm-up longer than the run',
    args: async (folder) => train(folder, '--data', await writeText(folder), '--warmup', '9'),
    code: 2,
    says: /--warmup 9[\s\S]*1 steps/,
  },
  {
    name: 'text that is not there',
    args: (folder) => train(folder, '--data', join(folder, 'no.txt')),
    code: 1,
    says: /no\.txt/,
  },
  {
    name: 'a malformed line of JSONL, by file and line',
    args: async (folder) => {
      await writeFile(join(folder, 'bad.jsonl'), '{"text": "fine"}\n{"text": "not closed\n');
      return train(folder, '--data', join(folder, 'bad.jsonl'));
    },
    code: 1,
    says: /bad\.jsonl:2/,
  },
  {
    name: 'an empty JSONL file',
    args: async (folder) => {
      await writeFile(join(folder, 'empty.jsonl'), '');
      return train(folder, '--data', join(folder, 'empty.jsonl'));
    },
    code: 1,
    says: /empty\.jsonl[\s\S]*empty/,
  },
  {
    name: 'weights cut short',
    args: async (folder) => {
      await cp(tiny, join(folder, 'cut'), { recursive: true });
      await truncate(join(folder, 'cut', 'model.safetensors'), 1_000_000);
      return ['plan', '--model', join(folder, 'cut')];
    },
    code: 1,
    says: /model\.safetensors[\s\S]*1000000/,
  },
  {
    name: 'a header that lies about its length',
    args: async (folder) => {
      await cp(tiny, join(folder, 'lying'), { recursive: true });
      const path = join(folder, 'lying', 'model.safetensors');
      const bytes = await readFile(path);
      bytes.writeBigUInt64LE(2n ** 40n);
      await writeFile(path, bytes);
      return ['eval', '--model', join(folder, 'lying'), '--data', await writeText(folder)];
    },
    code: 1,
    says: /model\.safetensors[\s\S]*header/,
  },
  {
    name: 'an adapter config with a typo',
    args: async (folder) => {
      const config = { peft_type: 'LORA', r: 8, lora_alhpa: 16, target_modules: ['q_proj'] };
      await writeFile(join(folder, 'adapter_config.json'), JSON.stringify(config));
      return ['eval', '--model', 'tiny', '--adapter', folder, '--data', await writeText(folder)];
    },
    code: 1,
    says: /lora_alhpa[\s\S]*nearest here: lora_alpha/,
  },
  {
    name: 'an adapter config with a value of the wrong type',
    args: async (folder) => {
      const config = { peft_type: 'LORA', r: '8', lora_alpha: 16, target_modules: ['q_proj'] };
      await writeFile(join(folder, 'adapter_config.json'), JSON.stringify(config));
      return ['inspect', folder];
    },
    code: 1,
    says: /"r": "8"[\s\S]*whole number/,
  },
  {
    name: 'an output where a file is in the way',
    args: async (folder) => {
      await writeFile(join(folder, 'out'), 'a file');
      return train(folder, '--data', await writeText(folder));
    },
    code: 1,
    says: /out/,
  },
  {
    name: 'nothing to go on with',
    args: (folder) => ['train', '--resume', '--out', folder],
    code: 1,
    says: /no run here/,
  },
  {
    name: '--resume with other options',
    args: (folder) => ['train', '--resume', '--out', folder, '--rank', '4'],
    code: 2,
    says: /--rank[\s\S]*started with/,
  },
];

describe('bad input gives a clear error and its exit code, and nothing half-written:', () => {
  for (const { name, args, code, says } of cases) {
    it(name, async () => {
      await withFolder(async (folder) => {
        const given = await args(folder);
        const before = await everything(folder);
        const ran = await lowrank(given);
        expect(ran.stderr).toMatch(says);
        expect(ran.stderr).not.toMatch(/unexpected error|at .*\.js:\d+/);
        expect(ran.code).toBe(code);
        expect(await everything(folder)).toEqual(before);
      });
    });
  }

  it('gives the error as JSON too where JSON is asked for', async () => {
    const { code, events } = await lowrank(['plan', '--model', 'tiny', '--targets', 'q_porj', '--json']);
    expect(code).toBe(2);
    expect(events).toEqual([
      expect.objectContaining({ type: 'error', code: 'target-not-found', given: 'target "q_porj"' }),
    ]);
  });
});

async function everything(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}
