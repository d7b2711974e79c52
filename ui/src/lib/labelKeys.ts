import type { FieldOut } from '../api/types';

/** Letters that the desk itself answers to; a label takes one only where its form says so. */
export const deskLetters = 'sfgrnwx';

export interface Choice {
  field: string;
  label: string;
}

export interface LabelKeys {
  /** What a key chooses. */
  choice: Map<string, Choice>;
  /** The key of a label, by `name(field, label)`; none where the keys ran out: such a label is found by name. */
  key: Map<string, string>;
}

export const labelName = (field: string, label: string): string => `${field}/${label}`;

/** One key for each label of the form: its own where the form gives one, else 1–9 and then letters in order. */
export function keysOf(fields: readonly FieldOut[]): LabelKeys {
  const labels = fields.flatMap((field) => (field.kind === 'text' ? [] : field.labels.map((label) => ({ field: field.key, label: label.id, own: label.key?.toLowerCase() }))));
  const taken = new Set(labels.map(({ own }) => own));
  const free = [...'123456789abcdefghijklmnopqrstuvwxyz'].filter((key) => !taken.has(key) && !deskLetters.includes(key));
  const keys: LabelKeys = { choice: new Map(), key: new Map() };
  for (const { field, label, own } of labels) {
    const key = own ?? free.shift();
    if (!key) continue;
    keys.choice.set(key, { field, label });
    keys.key.set(labelName(field, label), key);
  }
  return keys;
}
