import { describe, expect, it, withFolder } from '@lowrank/testing';
import { cp, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { golden } from './golden.js';
import { lowrank } from './lowrank.js';

interface Case {
  name: string;
  args: (folder: string) => Promise<string[]> | string[];
  code: 1 | 2;
  says: RegExp;
}

const weights = 'adapter_model.safetensors';

/** A copy of a golden adapter with one file changed. */
async function changed(folder: string, name: string, file: string, change: (bytes: Buffer) => Buffer | string) {
  const copy = join(folder, 'adapter');
  await cp(golden(name), copy, { recursive: true });
  await writeFile(join(copy, file), change(await readFile(join(copy, file))));
  return copy;
}

const withConfig = (folder: string, name: string, values: object) =>
  changed(folder, name, 'adapter_config.json', (bytes) => JSON.stringify({ ...JSON.parse(String(bytes)), ...values }));

/** The header of a safetensors file, written anew over its data. */
const withHeader = (change: (header: Record<string, { data_offsets: number[]; shape: number[] }>) => string | void) => {
  return (bytes: Buffer) => {
    const length = Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + length));
    const text = Buffer.from(change(header) ?? JSON.stringify(header));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([size, text, bytes.subarray(8 + length)]);
  };
};

const exported = (folder: string, adapter: string, consumer: string, ...more: string[]) => [
  'export',
  '--adapter',
  adapter,
  '--for',
  consumer,
  '--out',
  join(folder, 'out'),
  ...more,
];

const q = 'base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight';

const cases: Case[] = [
  {
    name: 'a safetensors header that is cut short',
    args: async (folder) => {
      const adapter = await changed(folder, 'peft-adapter', weights, (bytes) => bytes.subarray(0, 40));
      return exported(folder, adapter, 'mlx');
    },
    code: 1,
    says: /adapter_model\.safetensors[\s\S]*its header says/,
  },
  {
    name: 'a safetensors header of 2^60 bytes',
    args: async (folder) => {
      const huge = Buffer.alloc(16);
      huge.writeBigUInt64LE(2n ** 60n);
      return exported(folder, await changed(folder, 'peft-adapter', weights, () => huge), 'vllm');
    },
    code: 1,
    says: /at most 100000000 bytes/,
  },
  {
    name: 'tensors that overlap',
    args: async (folder) => {
      const overlap = withHeader((header) => void (header[q]!.data_offsets = [0, 512]));
      return ['inspect', await changed(folder, 'peft-adapter', weights, overlap)];
    },
    code: 1,
    says: /adapter_model\.safetensors[\s\S]*(starts at|span)/,
  },
  {
    name: 'a tensor given twice',
    args: async (folder) => {
      const twice = withHeader((header) => `{"${q}":${JSON.stringify(header[q])},${JSON.stringify(header).slice(1)}`);
      return ['inspect', await changed(folder, 'peft-adapter', weights, twice)];
    },
    code: 1,
    says: /q_proj\.lora_A\.weight" is given twice/,
  },
  {
    name: 'a pickled adapter',
    args: async (folder) => {
      const adapter = join(folder, 'pickled');
      await mkdir(adapter);
      await cp(golden('peft-adapter/adapter_config.json'), join(adapter, 'adapter_config.json'));
      await writeFile(join(adapter, 'adapter_model.bin'), 'PK');
      return exported(folder, adapter, 'peft');
    },
    code: 1,
    says: /pickle, which can run code[\s\S]*safe_serialization/,
  },
  {
    name: 'a pickled file and a pickled model',
    args: async (folder) => {
      await writeFile(join(folder, 'pytorch_model.bin'), 'PK');
      return ['inspect', join(folder, 'pytorch_model.bin')];
    },
    code: 1,
    says: /pytorch_model\.bin[\s\S]*pickle, which can run code/,
  },
  {
    name: 'a folder with pickled weights only',
    args: async (folder) => {
      await cp(golden('llama-tied/config.json'), join(folder, 'config.json'));
      await writeFile(join(folder, 'pytorch_model.bin'), 'PK');
      return ['inspect', folder];
    },
    code: 1,
    says: /pytorch_model\.bin[\s\S]*pickle/,
  },
  {
    name: 'a NaN',
    args: async (folder) => {
      const adapter = await changed(folder, 'peft-adapter', weights, (bytes) => {
        bytes.writeFloatLE(NaN, bytes.length - 4);
        return bytes;
      });
      return exported(folder, adapter, 'vllm');
    },
    code: 1,
    says: /adapter_model\.safetensors holds NaN at \d+[\s\S]*finite/,
  },
  {
    name: 'a rank that disagrees with the config',
    args: async (folder) => exported(folder, await withConfig(folder, 'peft-adapter', { r: 8 }), 'mlx'),
    code: 1,
    says: /its factors are of rank 4, its config says 8/,
  },
  {
    name: 'an option that the consumer does not do',
    args: (folder) => exported(folder, golden('peft-folders/dora'), 'vllm', '--strip'),
    code: 1,
    says: /dora \("use_dora"\): vLLM does no DoRA/,
  },
  {
    name: 'an adapter that is right only on a changed base',
    args: (folder) => exported(folder, golden('peft-folders/pissa'), 'llama.cpp', '--model', golden('llama-tied')),
    code: 1,
    says: /changed-base \("init_lora_weights"\)/,
  },
  {
    name: 'a kind of adapter that is no LoRA',
    args: async (folder) => exported(folder, await withConfig(folder, 'peft-adapter', { peft_type: 'IA3' }), 'peft'),
    code: 1,
    says: /"peft_type": "IA3"/,
  },
  {
    name: 'an adapter of another base, by its shapes',
    args: (folder) => exported(folder, golden('peft-adapter'), 'mlx', '--model', 'tiny'),
    code: 1,
    says: /"model\.layers\.0\.\S+" in \S+ adapts \d+ x \d+[\s\S]*in tiny it is \d+ x \d+/,
  },
  {
    name: 'an adapter of the embedding where it is the head too',
    args: (folder) => exported(folder, golden('peft-folders/embedding'), 'llama.cpp', '--model', golden('llama-tied')),
    code: 1,
    says: /tied-embeddings \(model\.embed_tokens\): llama\.cpp aborts/,
  },
  {
    name: 'llama.cpp without a base',
    args: (folder) => exported(folder, golden('peft-adapter'), 'llama.cpp'),
    code: 2,
    says: /--for llama\.cpp without --model[\s\S]*add --model/,
  },
  {
    name: 'a consumer that is none',
    args: (folder) => exported(folder, golden('peft-adapter'), 'vlm'),
    code: 2,
    says: /--for[\s\S]*peft, vllm, llama\.cpp, mlx/,
  },
  {
    name: 'a GGUF adapter cut short',
    args: async (folder) => {
      await cp(golden('gguf/adapter.gguf'), join(folder, 'a.gguf'));
      await truncate(join(folder, 'a.gguf'), 2000);
      return ['import', join(folder, 'a.gguf'), '--model', golden('llama-untied'), '--out', join(folder, 'out')];
    },
    code: 1,
    says: /a\.gguf/,
  },
  {
    name: 'a GGUF file that counts 2^62 tensors',
    args: async (folder) => {
      const bytes = await readFile(golden('gguf/adapter.gguf'));
      bytes.writeBigUInt64LE(2n ** 62n, 8);
      await writeFile(join(folder, 'a.gguf'), bytes);
      return ['inspect', join(folder, 'a.gguf')];
    },
    code: 1,
    says: /a\.gguf/,
  },
  {
    name: 'a GGUF model where an adapter is asked for',
    args: (folder) => ['import', golden('gguf/base.gguf'), '--out', join(folder, 'out')],
    code: 1,
    says: /base\.gguf[\s\S]*"general\.type" is "model", not "adapter"/,
  },
  {
    name: 'a GGUF adapter of a Llama without its base',
    args: (folder) => ['import', golden('gguf/adapter.gguf'), '--out', join(folder, 'out')],
    code: 2,
    says: /without --model[\s\S]*add --model/,
  },
  {
    name: 'a PEFT folder to import',
    args: (folder) => ['import', golden('peft-adapter'), '--out', join(folder, 'out')],
    code: 2,
    says: /it is a PEFT folder already/,
  },
  {
    name: 'MLX-LM’s full fine-tuning',
    args: async (folder) => {
      const adapter = await withConfig(folder, 'mlx-adapter', { fine_tune_type: 'full' });
      return ['import', adapter, '--out', join(folder, 'out')];
    },
    code: 1,
    says: /"fine_tune_type": "full"/,
  },
  {
    name: 'a file that is none of these',
    args: async (folder) => {
      await writeFile(join(folder, 'notes.txt'), 'hello');
      return ['inspect', join(folder, 'notes.txt')];
    },
    code: 1,
    says: /notes\.txt[\s\S]*neither \.safetensors nor \.gguf/,
  },
  {
    name: 'nothing there',
    args: (folder) => ['inspect', join(folder, 'nowhere')],
    code: 1,
    says: /nowhere[\s\S]*no such file or folder/,
  },
];

describe('a bad adapter is refused whole, by what is wrong with it:', () => {
  for (const { name, args, code, says } of cases) {
    it(name, () =>
      withFolder(async (folder) => {
        const given = await args(folder);
        const before = (await readdir(folder, { recursive: true })).sort();
        const ran = await lowrank([...given, '--json']);
        expect(ran.stderr).toMatch(says);
        expect(ran.stderr).not.toMatch(/unexpected error|at .*\.js:\d+/);
        expect(ran.code).toBe(code);
        expect(ran.events).toEqual([expect.objectContaining({ type: 'error' })]);
        expect((await readdir(folder, { recursive: true })).sort()).toEqual(before);
      }),
    );
  }
});
