import { parseJsonObject } from '@lowrank/formats';
import { readClassNames } from '@lowrank/models';
import { fuzzedName, type FuzzTarget } from '@lowrank/testing';
import { causalFamilies, encoderFamilies, familyOf, type Families } from '../../src/families/family.js';
import { repoFile } from '../../src/fetch/repo-file.js';
import { shardNames } from '../../src/folder/shard-names.js';
import { goldenBytes, inMemory, memoryName } from './in-memory.js';

const families: Families<unknown> = { ...causalFamilies, ...encoderFamilies };
const configs = ['gpt2-scales', 'llama-llama3', 'llama-yarn', 'mistral-window', 'qwen2-layer-types'].map(
  (name) => `families/${name}/config.json`,
);
const listed = {
  type: 'file',
  path: 'onnx/model-00001-of-00002.safetensors',
  size: 4711,
  oid: '0123456789abcdef0123456789abcdef01234567',
  lfs: { oid: '0123456789abcdef'.repeat(4), size: 4711, pointerSize: 130 },
};
const bytes = (object: object) => new TextEncoder().encode(JSON.stringify(object));

/** What is said about a model beside its weights. */
export const describedTargets: FuzzTarget[] = [
  {
    name: "config.json, and a model's modules from it",
    intact: [...configs, 'bert/config.json', 'bert-classifier/config.json'].map(goldenBytes),
    // A config may ask for 4,096 layers in a few bytes: their names are lists of that length.
    ownBytes: 2 ** 22,
    parse(given) {
      const json = parseJsonObject(fuzzedName, given);
      familyOf(families, json, fuzzedName);
      return 0;
    },
  },
  {
    name: 'index of shards',
    intact: [goldenBytes('sharded/model.safetensors.index.json')],
    parse(given) {
      for (const name of shardNames(fuzzedName, parseJsonObject(fuzzedName, given))) {
        if (name.includes('/') || !name.endsWith('.safetensors')) throw new Error(`a shard called ${name}`);
      }
      return 0;
    },
  },
  {
    name: 'classes.json',
    named: memoryName,
    intact: [bytes({ id2label: { 0: 'ham', 1: 'spam', 2: 'Größe' }, label2id: { ham: 0, spam: 1, Größe: 2 } })],
    async parse(given) {
      const names = await readClassNames(inMemory({ 'classes.json': given }));
      if (names.length < 2 || new Set(names).size < names.length) throw new Error(`classes ${names.join()}`);
      return 0;
    },
  },
  {
    name: "file of a hub's listing",
    intact: [bytes(listed), bytes({ ...listed, path: 'config.json', lfs: undefined })],
    parse(given) {
      const { path, size, hash } = repoFile(fuzzedName, parseJsonObject(fuzzedName, given));
      const inside = path.split('/').every((part) => !['', '.', '..'].includes(part) && !/[\0\\]/.test(part));
      if (!inside || !(size >= 0) || !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(hash)) throw new Error(`taken: ${path}`);
      return 0;
    },
  },
];
