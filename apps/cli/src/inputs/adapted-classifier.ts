import { LowrankError } from '@lowrank/core';
import type { LoraManager } from '@lowrank/manager';
import { ownClassNames, readClassNames, type EncoderModel } from '@lowrank/models';
import { join } from 'node:path';
import { adapt } from './adapted.js';
import { adapterFolder } from './hub-source.js';
import { openClassifier, type OpenModel, type OpenOptions } from './model.js';

export interface AdaptedClassifier extends OpenModel<EncoderModel>, Disposable {
  classNames: readonly string[];
  manager: LoraManager;
}

export interface AdaptedClassifierOptions extends OpenOptions {
  model: string;
  adapter?: string | undefined;
}

/**
 * A classifier with its adapter on it, or with the head that it has itself; disposing it frees both.
 *
 * @throws `file-missing` where an adapter comes without `classes.json`; as `loadClassifier` and `readPeft`
 */
export async function openAdaptedClassifier({
  model: name,
  adapter,
  ...options
}: AdaptedClassifierOptions): Promise<AdaptedClassifier> {
  const adapterAt = adapter === undefined ? undefined : await adapterFolder(adapter, options);
  const classNames = async (folder: string) =>
    adapterAt === undefined ? undefined : ((await ownClassNames(folder)) ?? (await namesBeside(adapterAt)));
  const open = await openClassifier(name, { ...options, classNames });
  const { model } = open;
  try {
    const manager = await adapt(model, adapterAt, options);
    const dispose = () => {
      manager.dispose();
      model.dispose();
    };
    return { ...open, manager, classNames: model.config.classNames ?? [], [Symbol.dispose]: dispose };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

async function namesBeside(folder: string): Promise<string[]> {
  try {
    return await readClassNames(folder);
  } catch (cause) {
    if (!LowrankError.is(cause, 'file-missing')) throw cause;
    throw new LowrankError('file-missing', {
      given: join(folder, 'classes.json'),
      rule: 'it names the classes that the adapter tells apart, and is not there',
      fix: 'write it, in the order of their numbers: {"id2label": {"0": "...", "1": "..."}}',
      cause,
    });
  }
}
