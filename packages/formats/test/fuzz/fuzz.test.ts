import { fuzzEach } from '@lowrank/testing';
import { fuzzTargets } from './targets.js';

fuzzEach(fuzzTargets);
