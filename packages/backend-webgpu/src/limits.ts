import { LowrankError } from '@lowrank/core';

/** The limits that our kernels and tfjs's live by. A device has only WebGPU's floors unless it is asked for more. */
const limitNames = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const;

export type LimitName = (typeof limitNames)[number];
export type Limits = Record<LimitName, number>;
export type LimitOptions = Partial<Limits>;

/** All that the adapter has, or less where `lower` says so. Throws `config-invalid` for more than it has. */
export function limitsOf(adapter: GPUAdapter, lower: LimitOptions = {}): Limits {
  const entries = limitNames.map((name) => {
    const most = adapter.limits[name];
    const wanted = lower[name] ?? most;
    if (wanted <= most) return [name, wanted];
    throw new LowrankError('config-invalid', {
      given: `limits: { ${name}: ${wanted} }`,
      rule: `this adapter's is ${most}`,
      fix: 'leave it out to get all that the adapter has',
    });
  });
  return Object.fromEntries(entries) as Limits;
}
