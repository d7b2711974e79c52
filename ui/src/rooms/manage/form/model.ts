/** A project's form as the builder edits it: pure state, the rules it must keep, and the JSON that is sent. */

import type { Rules } from '../../../api/types';
import { deskLetters } from '../../../lib/labelKeys';
import { USUAL } from '../settings/rules';

export interface Label {
  id: string;
  title: string;
  key?: string;
  colour?: string;
  description?: string;
}

interface Asked {
  key: string;
  title: string;
  help?: string;
  required: boolean;
}

export interface ClassField extends Asked {
  kind: 'class';
  multiple: boolean;
  labels: Label[];
}

export interface SpansField extends Asked {
  kind: 'spans';
  labels: Label[];
}

export interface TextField extends Asked {
  kind: 'text';
  max_length: number;
}

export type Field = ClassField | SpansField | TextField;
export type FieldKind = Field['kind'];

export interface Draft {
  name: string;
  description: string;
  overlap: number;
  guideline: string;
  rules: Rules;
  fields: Field[];
}

export type Path = readonly (string | number)[];

export interface Problem {
  path: Path;
  message: string;
}

/** Eight label colours that carry white text at 4.5:1 and stay apart for the common kinds of colour blindness. */
export const LABEL_COLOURS = ['#1864ab', '#b93a00', '#2b7436', '#862e9c', '#a61e4d', '#5f3dc4', '#0b7285', '#7a4f00'] as const;

export const KINDS: Record<FieldKind, { title: string; says: string }> = {
  class: { title: 'Choice', says: 'One label, or several, for the whole text' },
  spans: { title: 'Spans', says: 'Stretches of the text, each with a label; they may overlap' },
  text: { title: 'Free text', says: 'A sentence or two in the annotator’s own words' },
};

export const emptyDraft = (): Draft => ({ name: '', description: '', overlap: 3, guideline: '', rules: USUAL, fields: [] });

/** A key or id made from a title: lower case, ASCII, underscores; `taken` gets a number appended. */
export function slug(title: string, taken: readonly string[] = [], otherwise = 'field'): string {
  const plain = title
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 40);
  const stem = !plain ? otherwise : /^[a-z]/.test(plain) ? plain : `${otherwise}_${plain}`;
  let candidate = stem;
  for (let number = 2; taken.includes(candidate); number++) candidate = `${stem}_${number}`;
  return candidate;
}

/** Digits, then letters that the desk has no use of its own for. */
const FREE_KEYS = [...'123456789abcdefghijklmnopqrstuvwxyz'].filter((key) => !deskLetters.includes(key));

/** A label with an id, a key and a colour that are still free; `taken` are keys that other fields of the form use. */
export function newLabel(labels: readonly Label[], taken: readonly string[] = []): Label {
  const keys = [...labels.map((label) => label.key), ...taken];
  const key = FREE_KEYS.find((candidate) => !keys.includes(candidate));
  const colour = LABEL_COLOURS.find((candidate) => !labels.some((label) => label.colour === candidate));
  return {
    id: slug('', labels.map((label) => label.id), 'label'),
    title: '',
    ...(key ? { key } : {}),
    colour: colour ?? LABEL_COLOURS[labels.length % LABEL_COLOURS.length]!,
  };
}

export const keysOf = (fields: readonly Field[]): string[] => fields.flatMap((field) => (field.kind === 'text' ? [] : field.labels.flatMap((label) => (label.key ? [label.key] : []))));

export function newField(kind: FieldKind, fields: readonly Field[]): Field {
  const key = slug('', fields.map((field) => field.key), kind === 'text' ? 'note' : kind === 'spans' ? 'spans' : 'choice');
  if (kind === 'text') return { key, kind, title: '', required: false, max_length: 2000 };
  const taken = keysOf(fields);
  const first = newLabel([], taken);
  const labels = [first, newLabel([first], taken)];
  if (kind === 'spans') return { key, kind, title: '', required: false, labels };
  return { key, kind, title: '', required: true, multiple: false, labels };
}

/** The same list with the item at `from` standing at `to`. */
export function moved<T>(items: readonly T[], from: number, to: number): T[] {
  const next = [...items];
  if (from < 0 || from >= next.length || to < 0 || to >= next.length) return next;
  const [item] = next.splice(from, 1);
  next.splice(to, 0, item!);
  return next;
}

export const replaced = <T>(items: readonly T[], index: number, item: T): T[] => items.map((old, at) => (at === index ? item : old));
export const without = <T>(items: readonly T[], index: number): T[] => items.filter((_, at) => at !== index);

/** A title typed for a label or field carries its id along until somebody has set the id by hand. */
export function retitled<T extends { title: string }>(thing: T, title: string, part: keyof T & ('id' | 'key'), taken: readonly string[], otherwise: string): T {
  const follows = thing[part] === slug(thing.title, taken, otherwise) || (!thing.title && new RegExp(`^(${otherwise}|label|choice|spans|note)(_\\d+)?$`).test(String(thing[part])));
  return { ...thing, title, ...(follows ? { [part]: slug(title, taken, otherwise) } : {}) };
}

const KEY = /^[a-z][a-z0-9_]{0,39}$/;
const ID = /^[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}$/;
const HOTKEY = /^[!-~]$/;
const COLOUR = /^#[0-9a-fA-F]{6}$/;

/** Everything that would be refused, said where it stands. */
export function problems(draft: Draft): Problem[] {
  const found: Problem[] = [];
  const say = (path: Path, message: string) => found.push({ path, message });
  const hotkeys = new Map<string, Label>();
  if (!draft.name.trim()) say(['name'], 'Give the project a name.');
  if (draft.name.length > 200) say(['name'], 'At most 200 characters.');
  if (!Number.isInteger(draft.overlap) || draft.overlap < 1 || draft.overlap > 1000) say(['overlap'], 'Between 1 and 1,000 people answer each item.');
  if (!draft.fields.length) say(['fields'], 'Ask at least one question: begin from a template, or add one.');
  draft.fields.forEach((field, at) => {
    const here: Path = ['fields', at];
    if (!field.title.trim()) say([...here, 'title'], 'Say what is asked.');
    if (!KEY.test(field.key)) say([...here, 'key'], 'A small letter first, then small letters, digits and underscores.');
    else if (draft.fields.findIndex((other) => other.key === field.key) < at) say([...here, 'key'], `Another field has the key “${field.key}”.`);
    if (field.kind === 'text') {
      if (!Number.isInteger(field.max_length) || field.max_length < 1 || field.max_length > 20_000) say([...here, 'max_length'], 'Between 1 and 20,000 characters.');
      return;
    }
    if (!field.labels.length) say([...here, 'labels'], 'Add at least one label.');
    field.labels.forEach((label, index) => {
      const there: Path = [...here, 'labels', index];
      const earlier = field.labels.slice(0, index);
      if (!label.title.trim()) say([...there, 'title'], 'Name the label.');
      if (!ID.test(label.id)) say([...there, 'id'], 'Letters, digits, and . _ + - inside; at most 64.');
      else if (earlier.some((other) => other.id === label.id)) say([...there, 'id'], `Another label has the id “${label.id}”.`);
      if (label.key) {
        const holder = hotkeys.get(label.key.toLowerCase());
        if (!HOTKEY.test(label.key)) say([...there, 'key'], 'One key: a letter, a digit or a sign.');
        else if (label.key === '?') say([...there, 'key'], 'The key ? shows the list of keys.');
        else if (holder) say([...there, 'key'], `The key ${label.key} is taken by “${holder.title || holder.id}”.`);
        else hotkeys.set(label.key.toLowerCase(), label);
      }
      if (label.colour && !COLOUR.test(label.colour)) say([...there, 'colour'], 'Six hexadecimal digits after #.');
    });
  });
  return found;
}

export const problemAt = (found: readonly Problem[], ...path: Path): string | undefined =>
  found.find((problem) => problem.path.length === path.length && problem.path.every((part, index) => part === path[index]))?.message;

/** "Fields 2, label 1, title": where a problem stands, for a list that is read out. */
export function whereText(path: Path): string {
  const names: Record<string, string> = { fields: 'field', labels: 'label', max_length: 'length limit' };
  const words: string[] = [];
  for (const part of path) {
    if (typeof part === 'number') words[words.length - 1] = `${words[words.length - 1] ?? 'item'} ${part + 1}`;
    else words.push(names[part] ?? part);
  }
  return words.join(', ');
}

/** The form without the project's own particulars, as the API takes it. */
export function formOf(draft: Draft): { fields: Field[] } {
  return { fields: draft.fields.map((field) => ('labels' in field ? { ...field, labels: field.labels.map(tidyLabel) } : field)) };
}

function tidyLabel(label: Label): Label {
  const { key, colour, ...rest } = label;
  return { ...rest, ...(key ? { key } : {}), ...(colour ? { colour } : {}) };
}

interface Kept {
  name: string;
  description: string;
  overlap: number;
  guideline: string;
  rules: Rules;
  form: { fields: readonly { key: string; kind: FieldKind; title: string; help?: string | null; required?: boolean; multiple?: boolean; max_length?: number | null; labels?: readonly { id: string; title: string; key?: string | null; colour?: string | null; description?: string | null }[] }[] };
}

/** A stored project as the builder edits it. */
export function draftOf(project: Kept): Draft {
  const fields = project.form.fields.map((field): Field => {
    const asked = { key: field.key, title: field.title, ...(field.help ? { help: field.help } : {}), required: field.required ?? field.kind === 'class' };
    if (field.kind === 'text') return { ...asked, kind: 'text', max_length: field.max_length ?? 2000 };
    const labels = (field.labels ?? []).map((label): Label => ({ id: label.id, title: label.title, ...(label.key ? { key: label.key } : {}), ...(label.colour ? { colour: label.colour } : {}), ...(label.description ? { description: label.description } : {}) }));
    return field.kind === 'spans' ? { ...asked, kind: 'spans', labels } : { ...asked, kind: 'class', multiple: field.multiple ?? false, labels };
  });
  return { name: project.name, description: project.description, overlap: project.overlap, guideline: project.guideline, rules: { ...USUAL, ...project.rules }, fields };
}
