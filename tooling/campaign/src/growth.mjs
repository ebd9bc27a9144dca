/** Bytes of resident memory that may come with a step: allocators alone come to some 200 over ten thousand. */
const mostBytesPerStep = 1000;

/**
 * What grew with the steps: tensors or their bytes that are not the same at each look, or resident memory whose slope is
 * above 1 kB a step.
 *
 * @param backends of each backend what `steps` found
 * @returns a sentence for each; none where nothing grew
 */
export function growth(backends) {
  return Object.entries(backends).flatMap(([name, { tensors, tensorBytes, residentBytesPerStep }]) => [
    ...differing(name, 'tensors', tensors),
    ...differing(name, 'bytes of tensors', tensorBytes),
    ...(residentBytesPerStep <= mostBytesPerStep
      ? []
      : [`${name}: resident memory grew by ${residentBytesPerStep} B a step, more than ${mostBytesPerStep}`]),
  ]);
}

function differing(name, what, [least, most]) {
  return least === most ? [] : [`${name}: ${least} to ${most} ${what}, not the same after each step`];
}
