import type { Tensor } from '@tensorflow/tfjs-core';
import { requireSize } from '../sizes.js';
import { activeGpu, bufferOf, emptyTensor, type Gpu } from './gpu.js';
import { source, type Shader } from './shader.js';

/** Some of a tensor's values, for a tensor that no shader may have whole. */
export interface Part {
  tensor: Tensor;
  /** Its first value's index, a multiple of `alignment`. */
  from: number;
  length: number;
}

export interface Run {
  /** A tensor or part for each input of the shader. */
  inputs: (Tensor | Part)[];
  /** A new tensor's shape, or a part of an existing tensor to write, for each output of the shader. */
  outputs: (number[] | Part)[];
  /** Values of `sizes`, then of `factors`. */
  numbers?: number[];
  /** How many workgroups, in one row or along x, y and z. */
  groups: number | [number, number, number];
}

/** Values between the places where a part may begin. */
export const alignment = 64;

/**
 * Adds one run of a shader to the work that tfjs has gathered for the device, and gives the new tensors among its
 * outputs, owned by the scope that is open. tfjs's own way to run programs has a single output and no parts.
 */
export function run(shader: Shader, { inputs, outputs, numbers = [], groups }: Run): Tensor[] {
  const gpu = activeGpu();
  const made = outputs.map((output) => (Array.isArray(output) ? emptyTensor(gpu, output) : undefined));
  const written = outputs.map((output, index) => made[index] ?? (output as Part));
  const bound = [...inputs, ...written].map((value) => binding(gpu, value));
  const uniform = numbers.length > 0 ? [{ buffer: uniformOf(gpu, shader, numbers) }] : [];
  const pipeline = pipelineOf(gpu.device, shader);
  const group = gpu.device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [...bound, ...uniform].map((resource, index) => ({ binding: index, resource })),
  });
  const pass = computePass(gpu);
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(...spread(gpu, groups));
  submitWhenFull(gpu);
  return made.filter((tensor) => tensor !== undefined);
}

/** As tfjs's default for WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE. */
const batchSize = 15;

function binding(gpu: Gpu, value: Tensor | Part): GPUBufferBinding {
  if (!('tensor' in value)) {
    requireSize(gpu.limits, value.shape, 'maxStorageBufferBindingSize');
    return { buffer: bufferOf(gpu, value) };
  }
  const { tensor, from, length } = value;
  return { buffer: bufferOf(gpu, tensor), offset: 4 * from, size: 4 * length };
}

function uniformOf(gpu: Gpu, { sizes = [] }: Shader, numbers: number[]): GPUBuffer {
  const size = 4 * Math.ceil(numbers.length / 4) * 4;
  const bytes = new DataView(new ArrayBuffer(size));
  numbers.forEach((value, index) => {
    if (index < sizes.length) bytes.setUint32(4 * index, value, true);
    else bytes.setFloat32(4 * index, value, true);
  });
  const buffer = gpu.bufferManager.acquireBuffer(size, GPUBufferUsage.COPY_DST | GPUBufferUsage.UNIFORM);
  gpu.queue.writeBuffer(buffer, 0, bytes.buffer);
  gpu.uniformPendingDisposal.push(buffer);
  return buffer;
}

const pipelines = new WeakMap<GPUDevice, Map<string, GPUComputePipeline>>();

function pipelineOf(device: GPUDevice, shader: Shader): GPUComputePipeline {
  const known = pipelines.get(device) ?? new Map<string, GPUComputePipeline>();
  pipelines.set(device, known);
  let pipeline = known.get(shader.name);
  if (!pipeline) {
    const module = device.createShaderModule({ code: source(shader), label: shader.name });
    pipeline = device.createComputePipeline({ compute: { module }, label: shader.name, layout: 'auto' });
    known.set(shader.name, pipeline);
  }
  return pipeline;
}

function computePass(gpu: Gpu): GPUComputePassEncoder {
  gpu.ensureCommandEncoderReady();
  gpu.computePassEncoder ??= gpu.commandEncoder.beginComputePass();
  return gpu.computePassEncoder;
}

/** More workgroups than one row may have go on in further rows; a shader leaves those beyond its last alone. */
function spread({ limits }: Gpu, groups: number | [number, number, number]): [number, number, number] {
  if (typeof groups !== 'number') return groups;
  const most = limits.maxComputeWorkgroupsPerDimension;
  const rows = Math.ceil(groups / most);
  return [Math.ceil(groups / rows), rows, 1];
}

function submitWhenFull(gpu: Gpu): void {
  gpu.dispatchCountInPass++;
  if (gpu.dispatchCountInPass < batchSize) return;
  gpu.endComputePassEncoder();
  gpu.submitQueue();
}

/** How many workgroups of one value a lane cover so many values. */
export function groupsOver(values: number, lanes: number): number {
  return Math.max(1, Math.ceil(values / lanes));
}
