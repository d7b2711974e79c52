/** Answers as people read them, and where they part from the consensus. */
import type { FieldOut, TaskOut } from '../../../api/types';
import { offsetsOf, type Offsets } from '../../../lib/codepoints';
import type { Span } from '../../../lib/spans';

export interface ConsensusOf {
  value: unknown;
  share: number;
  votes: number;
  answers: number;
  confidence?: number | null;
  method?: 'majority' | 'model' | 'adjudicated' | 'gold';
}

/** What stands behind a consensus: votes, how sure a model is, or whose word it is. */
export function backing(field: FieldOut, consensus: ConsensusOf): string {
  const votes = field.kind === 'spans' ? `${Math.round(consensus.share * 100)}% on average` : `${consensus.votes} of ${consensus.answers}`;
  if (consensus.method === 'adjudicated') return `decided by a reviewer; ${votes} said so`;
  if (consensus.method === 'gold') return `known; ${votes} said so`;
  return consensus.method === 'model' && consensus.confidence != null ? `${Math.round(consensus.confidence * 100)}% sure; ${votes}` : votes;
}

export interface RawSpan {
  start: number;
  end: number;
  label: string;
}

export const labelTitle = (field: FieldOut, id: string): string => (field.kind === 'text' ? undefined : field.labels.find((label) => label.id === id)?.title) ?? id;

const isSpan = (value: unknown): value is RawSpan => typeof value === 'object' && value !== null && 'start' in value && 'end' in value && 'label' in value;

export const rawSpans = (value: unknown): RawSpan[] => (Array.isArray(value) ? value.filter(isSpan) : []);

/** Spans of an answer in the offsets of the browser. */
export function drawnSpans(field: string, value: unknown, offsets: Offsets): Span[] {
  return rawSpans(value).map((span, index) => ({ id: String(index), field, start: offsets.toUnits(span.start), end: offsets.toUnits(span.end), label: span.label }));
}

/** One line for a cell: the label's title, the titles in a row, how many spans, the text itself. Null where nothing was answered. */
export function valueText(field: FieldOut, value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (field.kind === 'text') return String(value);
  if (field.kind === 'class') {
    const ids = Array.isArray(value) ? value.map(String) : [String(value)];
    return ids.length ? ids.map((id) => labelTitle(field, id)).join(', ') : null;
  }
  const spans = rawSpans(value);
  if (!spans.length) return null;
  const counts = new Map<string, number>();
  for (const span of spans) counts.set(span.label, (counts.get(span.label) ?? 0) + 1);
  return [...counts].map(([id, n]) => `${n} ${labelTitle(field, id)}`).join(', ');
}

const canonical = (value: unknown): string => {
  if (value === undefined || value === null || value === '') return '';
  if (!Array.isArray(value)) return JSON.stringify(value);
  return value.length ? JSON.stringify(value.map((each) => (isSpan(each) ? `${each.start}-${each.end}-${each.label}` : String(each))).sort()) : '';
};

/** Whether an answer is the same as the consensus; order doesn't count. */
export const agrees = (answer: unknown, consensus: unknown): boolean => canonical(answer) === canonical(consensus);

/** Of an answer's spans, those that the consensus doesn't have, and how many of the consensus the answer lacks. */
export function spanDifferences(answer: unknown, consensus: unknown): { own: number; missing: number } {
  const key = (span: RawSpan) => `${span.start}-${span.end}-${span.label}`;
  const mine = new Set(rawSpans(answer).map(key));
  const theirs = new Set(rawSpans(consensus).map(key));
  return { own: [...mine].filter((each) => !theirs.has(each)).length, missing: [...theirs].filter((each) => !mine.has(each)).length };
}

export const consensusOf = (task: Pick<TaskOut, 'consensus'>, key: string): ConsensusOf | null => ((task.consensus ?? {}) as Record<string, ConsensusOf>)[key] ?? null;

/** The consensus of a whole task in a line, for the list. */
export function consensusText(fields: readonly FieldOut[], task: Pick<TaskOut, 'consensus'>): string {
  return fields.flatMap((field) => valueText(field, consensusOf(task, field.key)?.value) ?? []).join(' · ');
}

export { offsetsOf };
