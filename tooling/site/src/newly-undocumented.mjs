/**
 * Holds exports without a docstring to those that are known: a new one is a problem, and so is one that has got its
 * docstring and still stands in the list.
 *
 * @param found names by package  @param allowed the same, of `undocumented.json`
 * @returns one sentence for each problem.
 */
export function newlyUndocumented(found, allowed) {
  return Object.entries(found).flatMap(([name, exports]) => {
    const known = allowed[name] ?? [];
    return [
      ...exports
        .filter((each) => !known.includes(each))
        .map((each) => `${each} of ${name} has no docstring: say what it is where it is declared`),
      ...known
        .filter((each) => !exports.includes(each))
        .map((each) => `${each} of ${name} is not undocumented any more: take it out of undocumented.json`),
    ];
  });
}
