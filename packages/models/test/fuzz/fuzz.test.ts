import { fuzzEach } from '@lowrank/testing';
import { describedTargets } from './described-targets.js';
import { ggufTargets } from './gguf-targets.js';
import { textTargets } from './text-targets.js';

fuzzEach([...describedTargets, ...textTargets, ...ggufTargets]);
