import {
  encodeSafetensors,
  openGguf,
  openSafetensors,
  parseJsonObject,
  readGgufAdapter,
  type PeftEntry,
} from '@lowrank/formats';
import { readFileSync } from 'node:fs';
import { checkPeftConfig } from '../../src/peft/check-config.js';
import { checkEntries } from '../../src/peft/check-entries.js';
import { readPeftConfig } from '../../src/peft/read-config.js';
import { sortTensors } from '../../src/peft/sort-tensors.js';
import { readMlxConfig } from '../../src/mlx/read-config.js';
import type { StoredTensor } from '../../src/safetensors/stored-tensor.js';
import { golden } from '../golden.js';
import { fuzzedName, type FuzzTarget } from '@lowrank/testing';
import { ggufBytes, info, joined, number, text, value } from '../gguf-file.js';

const file = (name: string) => new Uint8Array(readFileSync(golden(name)));

const small = encodeSafetensors(
  new Map([
    ['layer.0.weight', { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
    ['layer.0.bias', { shape: [2], data: Float32Array.of(7, 8) }],
  ]),
  { metadata: { format: 'pt' }, dtype: 'BF16' },
);

const smallGguf = ggufBytes({
  values: [
    value('general.architecture', 8, text('qwen2')),
    value('general.alignment', 4, number('u32', 32)),
    value('words', 9, joined(number('u32', 8), number('u64', 2), text('a'), text('b'))),
    value('flags', 9, joined(number('u32', 7), number('u64', 3), Uint8Array.of(1, 0, 1))),
    value('counts', 9, joined(number('u32', 4), number('u64', 2), number('u64', 5))),
  ],
  infos: [info('a.weight', [3, 2]), info('b.weight', [32, 2], 2, 32)],
  dataBytes: 96,
});

/** Bytes of the table that widens half floats, made once. */
const halfTable = 2 ** 18;

export const fuzzTargets: FuzzTarget[] = [
  {
    name: 'safetensors',
    ownBytes: halfTable,
    intact: [small, file('peft-folders/half/adapter_model.safetensors'), file('mlx-adapter/adapters.safetensors')],
    async parse(_bytes, source) {
      const tensors = await (await openSafetensors(source)).readAll();
      return [...tensors.values()].reduce((size, { data }) => size + data.byteLength, 0);
    },
  },
  {
    name: 'GGUF',
    ownBytes: halfTable,
    intact: [smallGguf, smallGguf, file('gguf/blocks.gguf')],
    async parse(_bytes, source) {
      const opened = await openGguf(source);
      let size = 0;
      for (const name of opened.tensors.keys()) size += (await opened.read(name)).data.byteLength;
      for (const list of opened.metadata.values()) {
        if (typeof list === 'object') size += 'byteLength' in list ? list.byteLength : 8 * list.length;
      }
      return size;
    },
  },
  {
    name: 'GGUF adapter',
    ownBytes: halfTable,
    intact: [file('gguf/adapter.gguf')],
    async parse(_bytes, source) {
      const { tensors } = await readGgufAdapter(source, { heads: 4, keyValueHeads: 2 });
      return [...tensors.values()].reduce((size, { data }) => size + data.byteLength, 0);
    },
  },
  {
    name: 'adapter_config.json of PEFT',
    intact: ['peft-adapter-rslora', 'peft-folders/tokens', 'peft-folders/layer-choice'].map((name) =>
      file(`${name}/adapter_config.json`),
    ),
    parse(bytes) {
      const json = parseJsonObject(fuzzedName, bytes);
      checkPeftConfig(fuzzedName, json);
      readPeftConfig(fuzzedName, json);
      return 0;
    },
  },
  {
    name: 'tensors of a PEFT folder',
    intact: ['layers', 'dora', 'modules-to-save', 'bias-all', 'tokens'].map((name) =>
      file(`peft-folders/${name}/adapter_model.safetensors`),
    ),
    async parse(_bytes, source) {
      const opened = await openSafetensors(source);
      const shapes = new Map<string, StoredTensor>();
      for (const [name, { dtype, shape }] of opened.tensors) {
        shapes.set(name, { dtype, shape: [...shape], bytes: new Uint8Array() });
      }
      const config = { r: 2, bias: 'all', modules_to_save: ['head'], trainable_token_indices: { table: [1, 3] } };
      const entries: PeftEntry[] = sortTensors(fuzzedName, shapes, config);
      const kept = entries.reduce((count, { tensors }) => count + tensors.size, 0);
      if (kept !== shapes.size) throw new Error(`${shapes.size} tensors became ${kept}`);
      checkEntries(fuzzedName, entries, config);
      return 0;
    },
  },
  {
    name: 'adapter_config.json of MLX-LM',
    intact: [file('mlx-adapter/adapter_config.json')],
    parse(bytes) {
      readMlxConfig(fuzzedName, parseJsonObject(fuzzedName, bytes));
      return 0;
    },
  },
];
