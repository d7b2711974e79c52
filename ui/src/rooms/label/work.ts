/** One task in hand: what it is, what was answered so far, and where that stands. */
import type { AssignmentOut, FieldOut, MarkingOut } from '../../api/types';
import { offsetsOf, type Offsets } from '../../lib/codepoints';
import { amend, begin, step, type History } from '../../lib/history';
import { decode, encode, sameAnswer, type Answer, type Json } from './answer';
import type { DraftState } from './autosave';

export interface Work {
  readonly id: string;
  readonly taskId: string;
  readonly externalId: string | null;
  readonly text: string;
  readonly data: Json;
  readonly offsets: Offsets;
  readonly marking: MarkingOut;
  readonly lease: string;
  /** Whether a slot is held for it; what was skipped or ran out can still be answered while a slot is open. */
  readonly leased: boolean;
  readonly skipped: boolean;
  /** open: mine to answer. sending: answered here, the server hasn't said so yet. sent: the server has it. lost: it went to someone else. */
  readonly state: 'open' | 'sending' | 'sent' | 'lost';
  /** What was last sent, for a further revision and to undo a submit. */
  readonly sent: { answer: Answer; at: string | null; revision: number } | null;
  /** Answered in this sitting, so that undo may lead back to it. */
  readonly here: boolean;
  readonly history: History<Answer>;
  readonly draft: DraftState;
  readonly flag: string | null;
  /** To learn from: it counts for nothing, and says the right answer afterwards. */
  readonly training: boolean;
}

export function open(fields: readonly FieldOut[], assignment: AssignmentOut): Work {
  const { task } = assignment;
  const offsets = offsetsOf(task.text);
  const result = assignment.result ? decode(fields, task.text, offsets, assignment.result) : null;
  const now = assignment.draft ? decode(fields, task.text, offsets, assignment.draft) : (result ?? decode(fields, task.text, offsets, null));
  return {
    id: assignment.id,
    taskId: task.id,
    externalId: task.external_id,
    text: task.text,
    data: task.data,
    offsets,
    marking: assignment.marking,
    lease: assignment.lease,
    leased: assignment.state === 'claimed',
    skipped: assignment.state === 'skipped',
    state: assignment.state === 'submitted' ? 'sent' : 'open',
    sent: result ? { answer: result, at: null, revision: assignment.revision } : null,
    here: false,
    history: begin(now),
    draft: { state: assignment.draft ? 'kept' : 'none' },
    flag: assignment.flag,
    training: assignment.training ?? false,
  };
}

/** The work with these fields changed; `more` continues the step before (typing on). */
export function answered(work: Work, changes: Partial<Answer>, more = false): Work {
  const before = work.history.now;
  const next = { ...before, ...changes } as Answer;
  if (Object.keys(changes).every((key) => before[key] === next[key])) return work;
  return { ...work, history: more && work.history.past ? amend(work.history, next) : step(work.history, next) };
}

export const toSend = (fields: readonly FieldOut[], work: Work): Json => encode(fields, work.offsets, work.history.now);

/** Whether what is on screen is what was sent. */
export const isAsSent = (fields: readonly FieldOut[], work: Work): boolean =>
  work.sent !== null && sameAnswer(fields, work.offsets, work.sent.answer, work.history.now);

export const isTouched = (work: Work): boolean => work.history.past !== null;
