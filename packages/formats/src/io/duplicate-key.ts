/**
 * A key that some object of a valid JSON text holds twice, or undefined.
 * `JSON.parse` keeps the last of the two and says nothing, so that a file could mean two things.
 */
export function duplicateKey(json: string): string | undefined {
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
          if (keys.has(key)) return key;
          keys.add(key);
        }
        at = end - 1;
      }
    }
  }
  return undefined;
}

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
