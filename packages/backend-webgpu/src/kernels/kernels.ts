import type { Kernels } from '@lowrank/core';

export const kernels: Kernels = {};
