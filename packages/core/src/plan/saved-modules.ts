/**
 * Whether a module is one of `modulesToSave`, or inside one. PEFT's rule: an entry names every module whose path ends
 * with it, with or without a dot before, so that `classifier` takes `pre_classifier` along.
 */
export function isSaved(modulesToSave: string[], path: string): boolean {
  return modulesToSave.some((entry) => names(entry, path));
}

function names(entry: string, path: string): boolean {
  return path.endsWith(entry) || path.includes(`${entry}.`);
}
