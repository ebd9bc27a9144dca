import { constantId } from './graph/constant-id.js';
import { tensorflow, type Made } from './tensorflow.js';

/**
 * Runs an operation of a tensor and a shape on TensorFlow's own ids. tfjs-node uploads the shape anew each time, and
 * a training step has hundreds.
 *
 * @param dtype TensorFlow's number for the tensor's
 */
export function executeShaped(op: 'Reshape' | 'Transpose', id: number, dtype: number, shape: number[]): Made {
  const { binding } = tensorflow();
  const attributes = [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: dtype },
    { name: op === 'Reshape' ? 'Tshape' : 'Tperm', type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 },
  ];
  return binding.executeOp(op, attributes, [id, constantId(shape)], 1)[0] as Made;
}
