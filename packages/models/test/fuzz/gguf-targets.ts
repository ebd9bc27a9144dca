import { loadTokenizer } from '@lowrank/models';
import type { FuzzTarget } from '@lowrank/testing';
import { causalFamilies, familyOf } from '../../src/families/family.js';
import { readJson } from '../../src/folder/model-folder.js';
import { openWeights } from '../../src/folder/weights.js';
import { ggufFolder } from '../../src/gguf/gguf-folder.js';
import { tensorsOf } from '../../src/module-spec.js';
import { goldenBytes, inMemory } from './in-memory.js';

const file = 'base.gguf';

/** A file that is damaged only before its tensors' values, which the reader of GGUF is fuzzed with. */
function header(path: string, length: number): [Uint8Array, Uint8Array] {
  const bytes = goldenBytes(path);
  return [bytes.subarray(0, length), bytes.subarray(length)];
}

/** A base that is one GGUF file. */
export const ggufTargets: FuzzTarget[] = [
  {
    name: 'GGUF base',
    named: file,
    ownBytes: 2 ** 22,
    intact: ['llama-yarn', 'qwen2-tied', 'gpt2'].map((name) => header(`gguf-families/${name}.gguf`, 3000)),
    async parse(given) {
      const folder = ggufFolder(file, inMemory({ [file]: given }));
      const { specs } = familyOf(causalFamilies, await readJson(folder, 'config.json'), `${file}/config.json`);
      const weights = await openWeights(folder, { specs });
      let size = 0;
      for (const { name } of specs.flatMap(tensorsOf))
        size = Math.max(size, (await weights.read(name)).data.byteLength);
      await weights.close();
      return size;
    },
  },
  {
    name: 'tokenizer of a GGUF base',
    named: file,
    intact: [goldenBytes('gguf/sentencepiece.gguf'), header('gguf/quantised.gguf', 5000)],
    async parse(given) {
      const tokenizer = await loadTokenizer(ggufFolder(file, inMemory({ [file]: given })));
      tokenizer.encode('the whale');
      return 0;
    },
  },
];
