/** What a file looks like from its first characters, so that columns can be offered before it is sent. The server decides. */

export type Format = 'csv' | 'jsonl' | 'text' | 'conll' | 'zip';

export const FORMATS: Record<Format, string> = {
  csv: 'CSV or TSV, one row each',
  jsonl: 'JSON lines, one object each',
  text: 'Plain text, one line each',
  conll: 'CoNLL, one token a line',
  zip: 'Zip of text files, one file each',
};

const SUFFIXES: Record<string, Format> = {
  csv: 'csv',
  tsv: 'csv',
  tab: 'csv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  txt: 'text',
  md: 'text',
  conll: 'conll',
  bio: 'conll',
  iob: 'conll',
  zip: 'zip',
};

export function guessFormat(name: string, head: string): Format | null {
  if (head.startsWith('PK\u0003\u0004') || head.startsWith('PK\u0005\u0006')) return 'zip';
  const suffix = SUFFIXES[name.toLowerCase().split('.').at(-1) ?? ''];
  if (suffix) return suffix;
  return /^[\uFEFF\s]*\{/.test(head) ? 'jsonl' : null;
}

/** Names of the columns: the header of a CSV, the keys of the first JSON lines. Empty for formats without columns. */
export function columnsOf(format: Format | null, head: string): string[] {
  const text = head.replace(/^\uFEFF/, '');
  if (format === 'csv') return header(text);
  if (format !== 'jsonl') return [];
  const names = new Set<string>();
  for (const line of text.split('\n').slice(0, 20)) {
    try {
      const row: unknown = JSON.parse(line);
      if (typeof row === 'object' && row !== null && !Array.isArray(row)) Object.keys(row).forEach((name) => names.add(name));
    } catch {
      // A broken or cut line names no columns; the server reports it with its number.
    }
  }
  return [...names];
}

/** The first record of a CSV; quoted names may hold delimiters and line breaks. */
function header(text: string): string[] {
  const delimiter = likelyDelimiter(text);
  const names: string[] = [];
  let name = '';
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index]!;
    if (quoted) {
      if (character !== '"') name += character;
      else if (text[index + 1] === '"') name += text[++index]!;
      else quoted = false;
    } else if (character === '"' && name === '') quoted = true;
    else if (character === delimiter) {
      names.push(name);
      name = '';
    } else if (character === '\n' || character === '\r') break;
    else name += character;
  }
  return [...names, name].map((each) => each.trim()).filter(Boolean);
}

function likelyDelimiter(text: string): string {
  const first = text.split(/\r?\n/, 1)[0]!.replace(/"[^"]*"/g, '');
  const best = [',', '\t', ';', '|'].map((each) => ({ each, n: first.split(each).length })).sort((a, b) => b.n - a.n)[0]!;
  return best.n > 1 ? best.each : ',';
}

const USUAL = {
  text: ['text', 'content', 'sentence', 'body', 'message', 'document', 'passage', 'utterance', 'title'],
  id: ['id', 'external_id', 'task_id', 'task', 'doc_id', 'document_id', 'item_id', 'uid', 'key'],
  marking: ['marking', 'classification', 'banner', 'portion'],
  people: ['people', 'annotators', 'workers', 'logins'],
} as const;

export type Meaning = keyof typeof USUAL;

/** Which column the server takes by its usual name when none is chosen; null where it finds none. */
export function usualColumn(meaning: Meaning, columns: readonly string[]): string | null {
  const folded = new Map<string, string>();
  for (const name of columns) {
    const key = name.trim().toLowerCase().replaceAll(' ', '_');
    if (!folded.has(key)) folded.set(key, name);
  }
  const found = USUAL[meaning].find((word) => folded.has(word));
  if (found) return folded.get(found)!;
  return meaning === 'text' && columns.length === 1 ? columns[0]! : null;
}
