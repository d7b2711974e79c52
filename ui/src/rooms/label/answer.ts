/** Answers: as the desk holds them, as the server takes them. Offsets change their unit here and nowhere else. */
import type { FieldOut } from '../../api/types';
import type { Offsets } from '../../lib/codepoints';
import { inOrder, type Span } from '../../lib/spans';

export type Value = string | readonly string[] | readonly Span[];
/** Keyed by field: a label id ('' for none), label ids, spans in UTF-16 units, or text. Every field is there. */
export type Answer = Readonly<Record<string, Value>>;
export type Json = Record<string, unknown>;

let marks = 0;
/** A new span's id on this page. */
export const newSpanId = (): string => `s${++marks}`;

export const oneOf = (answer: Answer, key: string): string => answer[key] as string;
export const manyOf = (answer: Answer, key: string): readonly string[] => answer[key] as readonly string[];
export const spansOf = (answer: Answer, key: string): readonly Span[] => answer[key] as readonly Span[];

/** An answer of the server (or none) in the desk's shape. What no longer fits the form is left out. */
export function decode(fields: readonly FieldOut[], text: string, offsets: Offsets, json: Json | null): Answer {
  return Object.fromEntries(fields.map((field) => [field.key, decodeField(field, text, offsets, json?.[field.key])]));
}

function decodeField(field: FieldOut, text: string, offsets: Offsets, value: unknown): Value {
  if (field.kind === 'text') return typeof value === 'string' ? value : '';
  const known = new Set(field.labels.map((label) => label.id));
  if (field.kind === 'class' && !field.multiple) return typeof value === 'string' && known.has(value) ? value : '';
  if (!Array.isArray(value)) return [];
  if (field.kind === 'class') return value.filter((id: unknown): id is string => typeof id === 'string' && known.has(id));
  return (value as { start: number; end: number; label: string }[])
    .map(({ start, end, label }) => ({ id: newSpanId(), field: field.key, start: offsets.toUnits(start), end: offsets.toUnits(end), label }))
    .filter((span) => known.has(span.label) && span.start >= 0 && span.start < span.end && span.end <= text.length)
    .sort(inOrder);
}

/** The answer as it is sent: canonical, fields left empty left out. */
export function encode(fields: readonly FieldOut[], offsets: Offsets, answer: Answer): Json {
  const json: Json = {};
  for (const field of fields) {
    if (isEmpty(field, answer)) continue;
    if (field.kind === 'spans')
      json[field.key] = spansOf(answer, field.key).map(({ start, end, label }) => ({ start: offsets.toCodePoints(start), end: offsets.toCodePoints(end), label }));
    else if (field.kind === 'class' && field.multiple) json[field.key] = manyOf(answer, field.key).toSorted();
    else json[field.key] = answer[field.key];
  }
  return json;
}

const isEmpty = (field: FieldOut, answer: Answer): boolean => {
  const value = answer[field.key]!;
  return typeof value === 'string' ? !value.trim() : !value.length;
};

/** The fields that need an answer and have none. */
export const missing = (fields: readonly FieldOut[], answer: Answer): string[] => fields.filter((field) => field.required && isEmpty(field, answer)).map((field) => field.key);

/** Whether two answers say the same, whatever way they came about. */
export const sameAnswer = (fields: readonly FieldOut[], offsets: Offsets, a: Answer, b: Answer): boolean =>
  a === b || JSON.stringify(encode(fields, offsets, a)) === JSON.stringify(encode(fields, offsets, b));
