/** The form as YAML and back; every complaint names its line. Loaded only when the YAML tab is opened. */
import { Document, isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type Pair, type YAMLMap } from 'yaml';
import type { Rules } from '../../../api/types';
import { unusual, USUAL } from '../settings/rules';
import { problems, whereText, type Draft, type Field, type FieldKind, type Label, type Path } from './model';

export interface LineProblem {
  /** From 1. */
  line: number;
  column: number;
  message: string;
}

export type Parsed = { draft: Draft; complaints: LineProblem[] } | { draft: null; complaints: LineProblem[] };

export function toYaml(draft: Draft): string {
  const document = new Document({
    name: draft.name,
    ...(draft.description ? { description: draft.description } : {}),
    overlap: draft.overlap,
    ...(unusual(draft.rules) ? { rules: unusual(draft.rules) } : {}),
    ...(draft.guideline ? { guideline: draft.guideline.endsWith('\n') ? draft.guideline : `${draft.guideline}\n` } : {}),
    fields: draft.fields,
  });
  const fields = document.get('fields');
  if (isSeq(fields))
    for (const field of fields.items) {
      const labels = isMap(field) ? field.get('labels') : undefined;
      if (isSeq(labels)) for (const label of labels.items) if (isMap(label)) label.flow = true;
    }
  return document.toString({ lineWidth: 0 });
}

const PROJECT = ['name', 'description', 'overlap', 'rules', 'guideline', 'fields'];
const FIELD: Record<FieldKind, string[]> = {
  class: ['key', 'kind', 'title', 'help', 'required', 'multiple', 'labels'],
  spans: ['key', 'kind', 'title', 'help', 'required', 'labels'],
  text: ['key', 'kind', 'title', 'help', 'required', 'max_length'],
};
const LABEL = ['id', 'title', 'key', 'colour', 'description'];

export function fromYaml(text: string): Parsed {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const complaints: LineProblem[] = [];
  const at = (offset: number, message: string) => {
    const { line, col } = lines.linePos(Math.max(0, offset));
    complaints.push({ line: Math.max(1, line), column: Math.max(1, col), message });
  };
  for (const error of document.errors) at(error.pos[0], sentence(error.message));
  if (complaints.length) return { draft: null, complaints };
  const root = document.contents;
  if (!isMap(root)) {
    at(root?.range?.[0] ?? 0, 'Expected a form: lines such as “name: …” and “fields:”.');
    return { draft: null, complaints };
  }

  const read = new Reader(at);
  read.onlyKnown(root, PROJECT, 'a form');
  const draft: Draft = {
    name: read.text(root, 'name', ''),
    description: read.text(root, 'description', ''),
    overlap: read.number(root, 'overlap', 1),
    guideline: read.text(root, 'guideline', ''),
    rules: { ...USUAL, ...read.rules(root) },
    fields: read.list(root, 'fields').flatMap((field): Field[] => {
      if (!isMap(field)) {
        at(start(field), 'Expected a field: {key, kind, title, …}.');
        return [];
      }
      return read.field(field);
    }),
  };
  if (complaints.length) return { draft: null, complaints };
  for (const problem of problems(draft)) {
    const node = deepest(document, problem.path);
    at(node ?? 0, `${whereText(problem.path)}: ${problem.message}`);
  }
  return { draft, complaints };
}

class Reader {
  constructor(private readonly at: (offset: number, message: string) => void) {}

  onlyKnown(map: YAMLMap, known: readonly string[], what: string): void {
    for (const pair of map.items as Pair<Node, Node>[]) {
      const name = String(isScalar(pair.key) ? pair.key.value : pair.key);
      if (!known.includes(name)) this.at(start(pair.key), `“${name}” is not part of ${what}. Known: ${known.join(', ')}.`);
    }
  }

  text(map: YAMLMap, key: string, otherwise: string): string {
    const node = map.get(key, true);
    if (node === undefined) return otherwise;
    if (isScalar(node)) {
      if (node.value === null) return otherwise;
      // A plain word stays the word it is: the id 007, the id no, the id true.
      return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    }
    this.at(start(node), `“${key}” must be text.`);
    return otherwise;
  }

  number(map: YAMLMap, key: string, otherwise: number): number {
    const node = map.get(key, true);
    if (node === undefined) return otherwise;
    if (isScalar(node) && /^\d+$/.test(String(node.value))) return Number(node.value);
    this.at(start(node), `“${key}” must be a whole number.`);
    return otherwise;
  }

  flag(map: YAMLMap, key: string, otherwise: boolean): boolean {
    const node = map.get(key, true);
    if (node === undefined) return otherwise;
    if (isScalar(node) && /^(true|false|yes|no)$/i.test(String(node.value))) return /^(true|yes)$/i.test(String(node.value));
    this.at(start(node), `“${key}” must be true or false.`);
    return otherwise;
  }

  /** As they are written: the server says what is wrong with them, and where. */
  rules(map: YAMLMap): Partial<Rules> {
    const node = map.get('rules', true);
    if (node === undefined || (isScalar(node) && node.value === null)) return {};
    if (isMap(node)) {
      this.onlyKnown(node, Object.keys(USUAL), 'the rules');
      return node.toJSON() as Partial<Rules>;
    }
    this.at(start(node), '“rules” must be lines such as “ask: {confidence: 0.95}”.');
    return {};
  }

  list(map: YAMLMap, key: string): Node[] {
    const node = map.get(key, true) as Node | undefined;
    if (isSeq(node)) return node.items as Node[];
    if (node !== undefined && !(isScalar(node) && node.value === null)) this.at(start(node), `“${key}” must be a list: lines that begin with “- ”.`);
    return [];
  }

  field(map: YAMLMap): Field[] {
    const kind = this.text(map, 'kind', '');
    if (kind !== 'class' && kind !== 'spans' && kind !== 'text') {
      this.at(start(map.get('kind', true) ?? map), kind ? `No field is of the kind “${kind}”. Known: class, spans, text.` : 'The field needs a kind: class, spans or text.');
      return [];
    }
    this.onlyKnown(map, FIELD[kind], `a ${kind} field`);
    const help = this.text(map, 'help', '');
    const shared = { key: this.text(map, 'key', ''), title: this.text(map, 'title', ''), ...(help ? { help } : {}), required: this.flag(map, 'required', kind === 'class') };
    if (kind === 'text') return [{ ...shared, kind, max_length: this.number(map, 'max_length', 2000) }];
    const labels = this.list(map, 'labels').flatMap((label): Label[] => {
      if (!isMap(label)) {
        this.at(start(label), 'Expected a label: {id: spill, title: Spill}.');
        return [];
      }
      this.onlyKnown(label, LABEL, 'a label');
      const id = this.text(label, 'id', '');
      const [key, colour, description] = ['key', 'colour', 'description'].map((part) => this.text(label, part, ''));
      return [{ id, title: this.text(label, 'title', id), ...(key ? { key } : {}), ...(colour ? { colour } : {}), ...(description ? { description } : {}) }];
    });
    if (kind === 'spans') return [{ ...shared, kind, labels }];
    return [{ ...shared, kind, multiple: this.flag(map, 'multiple', false), labels }];
  }
}

const start = (node: unknown): number => (node as Node | null | undefined)?.range?.[0] ?? 0;

/** Offset of the node a problem's path names, or of the nearest thing around it that is there. */
function deepest(document: ReturnType<typeof parseDocument>, path: Path): number | null {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (node && typeof node === 'object' && 'range' in node) return start(node);
  }
  return null;
}

const sentence = (message: string): string => {
  const first = message.split('\n')[0]!.trim();
  return /[.!?]$/.test(first) ? first : `${first}.`;
};
