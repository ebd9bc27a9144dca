import type { Tensor } from '@tensorflow/tfjs-core';
import { join } from 'node:path';
import type { Base, Head } from './base.js';
import { tensorsOf } from './difference.js';
import type { Inputs } from './inputs.js';
import { modelOf, type Model } from './model.js';
import type { PythonWorker } from './python-worker.js';

/** What cases share: the Python side, a folder of files, and the bases that both sides have made or loaded. */
export class Session {
  readonly #folders = new Map<string, Promise<string>>();
  readonly #models = new Map<string, Promise<Model>>();
  #files = 0;

  /** @param folder emptied by whoever made it */
  constructor(
    readonly python: PythonWorker,
    readonly folder: string,
  ) {}

  /** A path that nothing has yet. */
  path(name: string): string {
    this.#files += 1;
    return join(this.folder, `${this.#files}-${name}`);
  }

  /** The folder of a base, made by Transformers on the first call, from the seed that its name gives. */
  folderOf({ name, head, config, savedAs }: Base): Promise<string> {
    return held(this.#folders, name, async () => {
      const folder = this.path(name.replaceAll('/', '-'));
      await this.python.ask('make-base', { folder, head, config, seed: seedOf(name), saved_as: savedAs ?? null });
      return folder;
    });
  }

  /** A base here, kept until the end. */
  modelOf(base: Base): Promise<Model> {
    return held(this.#models, base.name, async () => modelOf(await this.folderOf(base), base.head));
  }

  /** What Transformers' model of a folder gives. */
  async theirs(request: { folder: string; head: Head; inputs: Inputs; keep: boolean }): Promise<Float32Array> {
    const out = this.path('outputs.safetensors');
    await this.python.ask('outputs', { ...request, out });
    return (await tensorsOf(out)).get('output')!.data;
  }

  /** A tensor's values; it is freed. */
  async read(tensor: Tensor): Promise<Float32Array> {
    const values = await tensor.data<'float32'>();
    tensor.dispose();
    return values;
  }

  async dispose(): Promise<void> {
    for (const model of this.#models.values()) await model.then(({ dispose }) => dispose()).catch(() => {});
  }
}

/** A whole number from 0 to 2^31, the same for the same text. */
export function seedOf(text: string): number {
  let hash = 7;
  for (const letter of text) hash = (hash * 31 + letter.codePointAt(0)!) % 2 ** 31;
  return hash;
}

function held<Value>(values: Map<string, Promise<Value>>, name: string, make: () => Promise<Value>): Promise<Value> {
  const value = values.get(name) ?? make();
  values.set(name, value);
  return value;
}
