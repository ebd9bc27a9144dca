import { engine, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';

/** The little of tfjs-node's inside that our kernels stand on. */
export interface TensorflowBackend {
  readonly binding: Binding;
  executeSingleOutput(op: string, attributes: Attribute[], inputs: TensorInfo[]): Tensor;
  executeMultipleOutputs(op: string, attributes: Attribute[], inputs: TensorInfo[], outputs: number): Tensor[];
}

interface Binding {
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_FLOAT: number;
}

interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

/** The running backend. */
export function tensorflow(): TensorflowBackend {
  return engine().registry['tensorflow'] as unknown as TensorflowBackend;
}
