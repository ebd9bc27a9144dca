import {
  engine,
  type BackendValues,
  type DataId,
  type DataType,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';

/** The little of tfjs-node's inside that our kernels stand on. */
export interface TensorflowBackend {
  binding: Binding;
  /** Uploads what is not there yet. */
  getInputTensorIds(tensors: TensorInfo[]): number[];
  write(values: BackendValues, shape: number[], dtype: DataType): DataId;
  incRef(dataId: DataId): void;
  /** Whether the values are gone now: others may share them. */
  disposeData(dataId: DataId, force?: boolean): boolean;
  readonly tensorMap: { has(dataId: DataId): boolean; get(dataId: DataId): TensorData };
  /** A tensor of tfjs for one of TensorFlow's, as the binding names it. */
  createOutputTensor(made: Made): Tensor;
}

export interface TensorData {
  shape: number[];
  /** TensorFlow's number for it. */
  dtype: number;
  /** Ours: TensorFlow's ids of the same values in other shapes. */
  views?: Map<string, number>;
}

export interface Made {
  id: number;
  shape: number[];
  dtype: number;
}

export interface Binding {
  readonly TF_Version: string;
  readonly TF_ATTR_TYPE: number;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  createTensor(shape: number[], dtype: number, values: Float32Array | Int32Array): number;
  deleteTensor(id: number): void;
  executeOp(name: string, attributes: Attribute[], inputs: number[], outputs: number): Made[];
  loadSavedModel(folder: string, tag: string): number;
  runSavedModel(model: number, inputs: number[], inputNames: string, outputNames: string): Made[];
}

interface Attribute {
  name: string;
  type: number;
  value: number;
}

/** The running backend. */
export function tensorflow(): TensorflowBackend {
  return engine().registry['tensorflow'] as unknown as TensorflowBackend;
}
