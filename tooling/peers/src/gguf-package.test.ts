import { expect, it, withFolder } from '@lowrank/testing';
import { fileSource, openGguf, readPeft, writeGgufAdapter } from '@lowrank/formats';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasPackage, runPython } from './python.js';

const adapter = fileURLToPath(new URL('../../goldens/data/peft-adapter', import.meta.url));

it.runIf(hasPackage('gguf'))('the gguf package reads in our file what we do', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'adapter.gguf');
    await writeGgufAdapter(path, await readPeft(adapter), { architecture: 'llama', heads: 4, keyValueHeads: 2 });
    const file = await openGguf(await fileSource(path));
    const tensors: Record<string, unknown> = {};
    for (const name of file.tensors.keys()) {
      const { shape, data } = await file.read(name);
      tensors[name] = { shape, data: [...data] };
    }
    await file.close();
    expect(Object.keys(tensors)).toHaveLength(12);
    expect(await runPython('read_gguf.py', path)).toEqual({ fields: Object.fromEntries(file.metadata), tensors });
  }),
);
