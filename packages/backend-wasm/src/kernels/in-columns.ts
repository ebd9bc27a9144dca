import { floatsOf, type WasmBackend } from '../heap.js';
import { columnsOf, placesOf, type ConvInfo, type Places } from './conv-columns.js';

/** Bytes that columns take at most, unless a single row needs more. */
const mostBytes = 2 ** 23;

/**
 * Goes over the places of a convolution's output in parts whose columns `[count, kernel · in]` fit into memory that is
 * taken once and given back. Their values must be asked for anew once the heap may have grown.
 */
export function inColumns(
  backend: WasmBackend,
  info: ConvInfo,
  visit: (columns: { address: number; values: () => Float32Array }, places: Places) => void,
): void {
  const places = placesOf(info);
  const most = Math.max(1, Math.min(places, Math.floor(mostBytes / (4 * columnsOf(info)))));
  const space = backend.makeOutput([most, columnsOf(info)], 'float32');
  try {
    const address = backend.dataIdMap.get(space.dataId).memoryOffset;
    for (let first = 0; first < places; first += most) {
      visit({ address, values: () => floatsOf(backend, space) }, { first, count: Math.min(most, places - first) });
    }
  } finally {
    backend.disposeData(space.dataId);
  }
}
