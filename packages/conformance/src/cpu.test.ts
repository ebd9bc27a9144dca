import { testBackend } from '@lowrank/conformance/vitest';
import { cpu } from '@lowrank/testing';

testBackend(cpu(), { large: false });
