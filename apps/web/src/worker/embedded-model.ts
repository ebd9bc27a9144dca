import configUrl from '@lowrank/tiny-base/model/config.json?url';
import weightsUrl from '@lowrank/tiny-base/model/model.safetensors?url';
import tokenizerUrl from '@lowrank/tiny-base/model/tokenizer.json?url';
import tokenizerConfigUrl from '@lowrank/tiny-base/model/tokenizer_config.json?url';
import { LowrankError } from '@lowrank/core';
import { bytesSource } from '@lowrank/formats';
import type { ModelFolder } from '@lowrank/models';

const urls: Record<string, string> = {
  'config.json': configUrl,
  'model.safetensors': weightsUrl,
  'tokenizer.json': tokenizerUrl,
  'tokenizer_config.json': tokenizerConfigUrl,
};

/** The model that the site carries. */
export const embeddedModel: ModelFolder = {
  name: 'tiny-base',
  async open(file) {
    const url = urls[file];
    if (url === undefined) return undefined;
    const response = await fetch(url);
    if (!response.ok) {
      throw new LowrankError('file-missing', {
        given: `${file} of tiny-base`,
        rule: `the site answered ${response.status}`,
        fix: 'load the page again',
      });
    }
    return bytesSource(file, new Uint8Array(await response.arrayBuffer()));
  },
};
