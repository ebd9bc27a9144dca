/** The parts of `expression=value,…`: a comma that is escaped or within `[]`, `{}` or `()` is the expression's own. */
export function splitPairs(text: string): string[] {
  const parts = [''];
  let [depth, inClass, escaped] = [0, false, false];
  for (const character of text) {
    const within = escaped || inClass || depth > 0;
    if (character === ',' && !within) parts.push('');
    else parts[parts.length - 1] += character;
    if (escaped) escaped = false;
    else if (character === '\\') escaped = true;
    else if (inClass) inClass = character !== ']';
    else if (character === '[') inClass = true;
    else if ('({'.includes(character)) depth += 1;
    else if (')}'.includes(character)) depth -= 1;
  }
  return parts;
}
