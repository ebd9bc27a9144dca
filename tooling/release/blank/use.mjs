import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { readPeft, writePeft } from '@lowrank/formats';
import { learn } from './learn.mjs';

const folder = dirname(createRequire(import.meta.url).resolve('@lowrank/tiny-base/model/config.json'));
const { losses, adapter } = await learn(folder);
await writePeft('poet', adapter);
const { tensors } = await readPeft('poet');
console.log(JSON.stringify({ losses, tensors: tensors.size }));
