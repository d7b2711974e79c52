/** What the auditor's page asks, in the order of its tabs. */
export const QUESTIONS = [
  { value: 'seen-thing', label: 'Who saw this?', question: 'seen', wants: 'thing' },
  { value: 'seen-person', label: 'What did this person see?', question: 'seen', wants: 'person' },
  { value: 'failed', label: 'What failed?', question: 'failed', wants: null },
  { value: 'all', label: 'Everything', question: 'all', wants: null },
] as const;
export type Asked = (typeof QUESTIONS)[number]['value'];

export const askedOf = (value: unknown): Asked => QUESTIONS.find((each) => each.value === value)?.value ?? 'seen-thing';
