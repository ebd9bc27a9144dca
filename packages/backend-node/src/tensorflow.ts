import { engine, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';

/** The little of tfjs-node's inside that our kernels stand on. */
export interface TensorflowBackend {
  readonly binding: Binding;
  /** Uploads what is not there yet. */
  getInputTensorIds(tensors: TensorInfo[]): number[];
  /** A tensor of tfjs for one of TensorFlow's, as the binding names it. */
  createOutputTensor(made: Made): Tensor;
}

export interface Made {
  id: number;
  shape: number[];
  dtype: number;
}

interface Binding {
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  createTensor(shape: number[], dtype: number, values: Float32Array | Int32Array): number;
  deleteTensor(id: number): void;
  loadSavedModel(folder: string, tag: string): number;
  runSavedModel(model: number, inputs: number[], inputNames: string, outputNames: string): Made[];
}

/** The running backend. */
export function tensorflow(): TensorflowBackend {
  return engine().registry['tensorflow'] as unknown as TensorflowBackend;
}
