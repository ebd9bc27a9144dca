/**
 * What is amiss in a valid JSON text though `JSON.parse` takes it: a key that some object holds twice, where it
 * would keep the last and say nothing; or nesting so deep that code which walks the value would overflow its stack.
 * Undefined when nothing is.
 */
export function jsonFlaw(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < json.length; at++) {
    switch (json.charCodeAt(at)) {
      case brace:
        open.push(new Set());
        break;
      case bracket:
        open.push(undefined);
        break;
      case closingBrace:
      case closingBracket:
        open.pop();
        break;
      case quote: {
        const end = endOfString(json, at);
        const keys = open.at(-1);
        if (keys && followedByColon(json, end)) {
          const key = JSON.parse(json.slice(at, end)) as string;
          if (keys.has(key)) return `"${key}" is given twice`;
          keys.add(key);
        }
        at = end - 1;
      }
    }
    if (open.length > deepest) return `it nests deeper than ${deepest} levels`;
  }
  return undefined;
}

const deepest = 100;

const [brace, bracket, closingBrace, closingBracket, quote] = Array.from('{[}]"', (sign) => sign.charCodeAt(0));

/** The index after the closing quote of the string that opens at `start`. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at + 1;
}

function followedByColon(json: string, from: number): boolean {
  let at = from;
  while (' \n\r\t'.includes(json[at] ?? '?')) at++;
  return json[at] === ':';
}
