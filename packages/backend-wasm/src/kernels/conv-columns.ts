import type { backend_util } from '@tensorflow/tfjs-core';

/** Sides, strides and padding of a convolution, channels last. */
export type ConvInfo = backend_util.Conv2DInfo;

/** How many values of the input a place of the output sees. */
export function columnsOf({ filterHeight, filterWidth, inChannels }: ConvInfo): number {
  return filterHeight * filterWidth * inChannels;
}

/** How many places of the output there are, over all images. */
export function placesOf({ batchSize, outHeight, outWidth }: ConvInfo): number {
  return batchSize * outHeight * outWidth;
}

/** Whether the input is its own columns. */
export function isPointwise({ filterHeight, filterWidth, strideHeight, strideWidth }: ConvInfo): boolean {
  return filterHeight * filterWidth * strideHeight * strideWidth === 1;
}

/** Some places of the output, counted over all images. */
export interface Places {
  first: number;
  count: number;
}

/**
 * Brings what places of the output see side by side: `columns [count, kernel · in]` of `x [batch, height, width, in]`,
 * 0 where the input is padded.
 */
export function gather(x: Float32Array, columns: Float32Array, info: ConvInfo, places: Places): void {
  columns.fill(0, 0, places.count * columnsOf(info));
  eachRun(info, places, (within, at, length) => {
    for (let index = 0; index < length; index++) columns[at + index] = x[within + index] as number;
  });
}

/** The reverse: adds columns to the places of `x` that they were brought from. */
export function scatter(x: Float32Array, columns: Float32Array, info: ConvInfo, places: Places): void {
  eachRun(info, places, (within, at, length) => {
    for (let index = 0; index < length; index++) (x[within + index] as number) += columns[at + index] as number;
  });
}

/** Visits the values that lie together both in the input and in the columns: where each run begins, and its length. */
function eachRun(info: ConvInfo, { first, count }: Places, visit: (x: number, at: number, length: number) => void) {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth } = info;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo } = info;
  const together = dilationWidth === 1;
  for (let place = 0; place < count; place++) {
    const column = (first + place) % outWidth;
    const row = Math.floor((first + place) / outWidth) % outHeight;
    const image = Math.floor((first + place) / (outWidth * outHeight));
    const left = column * strideWidth - padInfo.left;
    for (let i = 0; i < filterHeight; i++) {
      const y = row * strideHeight + i * dilationHeight - padInfo.top;
      if (y < 0 || y >= inHeight) continue;
      const line = (image * inHeight + y) * inWidth;
      const at = (place * filterHeight + i) * filterWidth;
      if (together) {
        const from = Math.max(0, -left);
        const length = Math.min(filterWidth, inWidth - left) - from;
        if (length > 0) visit((line + left + from) * inChannels, (at + from) * inChannels, length * inChannels);
        continue;
      }
      for (let j = 0; j < filterWidth; j++) {
        const z = left + j * dilationWidth;
        if (z >= 0 && z < inWidth) visit((line + z) * inChannels, (at + j) * inChannels, inChannels);
      }
    }
  }
}
