import { LowrankError } from '@lowrank/core';
import { backend_util } from '@tensorflow/tfjs-core';
import type { ConvInfo } from './conv-columns.js';

interface ConvAttrs {
  strides: number | [number, number];
  pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  dilations?: number | [number, number];
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  dataFormat?: string;
}

/** What a gradient kernel's attributes come to. Throws `shape-mismatch` for channels that come first. */
export function convInfo(
  kernel: string,
  input: number[],
  filter: number[],
  { strides, pad, dilations = 1, dimRoundingMode, dataFormat = 'NHWC' }: ConvAttrs,
  depthwise = false,
): ConvInfo {
  if (dataFormat !== 'NHWC') {
    throw new LowrankError('shape-mismatch', {
      given: `${kernel} with dataFormat ${dataFormat}`,
      rule: 'on wasm a convolution has its channels last, forward too',
      fix: 'transpose its input and output',
    });
  }
  const [x, kernelShape] = [input, filter] as [number, number, number, number][];
  return backend_util.computeConv2DInfo(x!, kernelShape!, strides, dilations, pad, dimRoundingMode, depthwise);
}
