/** A decision in the making: whole answers taken over, then changed field by field. */
import type { FieldOut, TaskOut } from '../../../api/types';
import { rawSpans, type RawSpan } from '../tasks/answers';

export type Decision = Record<string, unknown>;

const spanKey = (span: RawSpan) => `${span.start}-${span.end}-${span.label}`;
const inOrder = (a: RawSpan, b: RawSpan) => a.start - b.start || a.end - b.end || (a.label < b.label ? -1 : 1);

/** What everybody agreed on anyway, to begin with: the consensus where there is one. */
export function begun(fields: readonly FieldOut[], task: TaskOut): Decision {
  if (task.review) return { ...task.review.result };
  const consensus = (task.consensus ?? {}) as Record<string, { value: unknown }>;
  return Object.fromEntries(fields.flatMap((field) => (consensus[field.key] ? [[field.key, consensus[field.key]!.value]] : [])));
}

/** Every span that somebody marked, once, with who did: what can be put together to a decision. */
export function candidates(key: string, task: TaskOut): { span: RawSpan; by: string[] }[] {
  const found = new Map<string, { span: RawSpan; by: string[] }>();
  for (const answer of task.answers)
    for (const span of rawSpans((answer.result as Decision)[key])) {
      const entry = found.get(spanKey(span)) ?? { span, by: [] };
      entry.by.push(answer.person.name);
      found.set(spanKey(span), entry);
    }
  return [...found.values()].sort((a, b) => inOrder(a.span, b.span));
}

export const holdsSpan = (value: unknown, span: RawSpan): boolean => rawSpans(value).some((each) => spanKey(each) === spanKey(span));

export function withSpanToggled(value: unknown, span: RawSpan): RawSpan[] {
  const kept = rawSpans(value).filter((each) => spanKey(each) !== spanKey(span));
  return holdsSpan(value, span) ? kept : [...kept, span].sort(inOrder);
}

export function withLabel(field: Extract<FieldOut, { kind: 'class' }>, value: unknown, label: string): unknown {
  if (!field.multiple) return value === label && !field.required ? undefined : label;
  const chosen = Array.isArray(value) ? value.map(String) : [];
  return chosen.includes(label) ? chosen.filter((each) => each !== label) : [...chosen, label].sort();
}

/** What is sent: nothing that is empty. */
export const sent = (decision: Decision): Decision => Object.fromEntries(Object.entries(decision).filter(([, value]) => value !== undefined && value !== ''));

/** Letters for the answers, in their order; those that the page uses itself are left out. */
export const LETTERS = [...'abcdefgh'];
