import { Button, Modal } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState, type FormEvent, type KeyboardEvent } from 'react';
import { useMarkings } from '../../app/markings';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNote } from '../../components/ErrorNote';
import { Key } from '../../components/Key';
import { MarkingBadge } from '../../components/MarkingBadge';
import { deskApi } from './deskApi';
import type { FieldOut } from '../../api/types';
import type { Lesson, Sitting } from './sitting';
import type { Work } from './work';
import fields from './fields.module.css';
import css from './Dialogs.module.css';

interface DialogsProps {
  projectId: string;
  level: string;
  sitting: Sitting;
  work: Work | null;
  dialog: 'skip' | 'flag' | 'recent' | null;
  onClose: () => void;
  asked: readonly FieldOut[];
  lesson: Lesson | null;
}

export function Dialogs({ projectId, level, sitting, work, dialog, onClose, asked, lesson }: DialogsProps) {
  return (
    <>
      <Modal opened={dialog === 'skip'} onClose={onClose} title="Why skip this task?" size={440}>
        <Skip
          onSkip={(reason) => {
            onClose();
            sitting.skip(reason);
          }}
        />
      </Modal>
      <Modal opened={dialog === 'flag' && !!work} onClose={onClose} title="Flag this task for the managers" size={440}>
        {work && <Flag work={work} sitting={sitting} onDone={onClose} />}
      </Modal>
      <Modal opened={dialog === 'recent'} onClose={onClose} title="My recent work" size={760}>
        <Recent projectId={projectId} level={level} sitting={sitting} onDone={onClose} />
      </Modal>
      <Modal opened={!!lesson} onClose={() => sitting.learnt()} title={lesson?.feedback.right ? 'Right' : 'Not quite'} size={560}>
        {lesson && <LessonView fieldsOf={asked} lesson={lesson} onDone={() => sitting.learnt()} />}
      </Modal>
    </>
  );
}

/** What a training task has to say: what was answered, what is right, and why. */
function LessonView({ fieldsOf, lesson, onDone }: { fieldsOf: readonly FieldOut[]; lesson: Lesson; onDone: () => void }) {
  const { feedback, given, text } = lesson;
  const known = fieldsOf.filter((field) => field.key in feedback.result);
  return (
    <div className={css.form}>
      <p className={css.passage} dir="auto">
        {text.length > 600 ? `${text.slice(0, 600)}…` : text}
      </p>
      <dl className={css.lesson}>
        {known.map((field) => (
          <div key={field.key}>
            <dt>{field.title}</dt>
            <dd data-right={feedback.right || undefined}>{said(field, text, feedback.result[field.key])}</dd>
            {!feedback.right && <dd className={css.mine}>you answered: {said(field, text, given[field.key])}</dd>}
          </div>
        ))}
      </dl>
      {feedback.explanation && <p dir="auto">{feedback.explanation}</p>}
      <div className={css.actions}>
        <Button data-autofocus onClick={onDone} rightSection={<Key k="Enter" />}>
          Go on
        </Button>
      </div>
    </div>
  );
}

/** An answer in words; spans by what they hold (the server counts in code points). */
function said(field: FieldOut, text: string, value: unknown): string {
  const title = (id: unknown) => (field.kind === 'text' ? undefined : field.labels.find((label) => label.id === id)?.title) ?? String(id);
  if (value === undefined || value === null || value === '' || (Array.isArray(value) && !value.length)) return 'nothing';
  if (field.kind === 'text') return String(value);
  if (!Array.isArray(value)) return title(value);
  if (field.kind === 'class') return value.map(title).join(', ');
  const points = [...text];
  return (value as { start: number; end: number; label: string }[]).map((span) => `${title(span.label)}: “${points.slice(span.start, span.end).join('')}”`).join(', ');
}

const reasons = ['It can’t be read', 'It is in a language I don’t know', 'No label fits', 'I can’t decide'];

function Skip({ onSkip }: { onSkip: (reason: string) => void }) {
  const [reason, setReason] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim()) onSkip(reason.trim());
  };
  const byKey = (event: KeyboardEvent) => {
    const chosen = event.target instanceof HTMLInputElement ? undefined : reasons[Number(event.key) - 1];
    if (!chosen) return;
    event.preventDefault();
    onSkip(chosen);
  };
  return (
    <form className={css.form} onSubmit={submit} onKeyDown={byKey}>
      <div className={fields.options}>
        {reasons.map((each, index) => (
          <button key={each} type="button" className={fields.option} data-autofocus={index === 0 || undefined} onClick={() => onSkip(each)}>
            <span className={fields.title}>{each}</span>
            <Key k={String(index + 1)} />
          </button>
        ))}
      </div>
      <label className={css.label}>
        Another reason
        <input className={fields.filter} value={reason} maxLength={2000} onChange={(event) => setReason(event.currentTarget.value)} />
      </label>
      <div className={css.actions}>
        <span className={css.hint}>The task goes to someone else; the managers see your reason.</span>
        <Button type="submit" size="xs" disabled={!reason.trim()}>
          Skip
        </Button>
      </div>
    </form>
  );
}

function Flag({ work, sitting, onDone }: { work: Work; sitting: Sitting; onDone: () => void }) {
  const [note, setNote] = useState(work.flag ?? '');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const send = async (text: string) => {
    setBusy(true);
    setError(null);
    try {
      await sitting.flag(text.trim());
      onDone();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (note.trim()) void send(note);
      }}
    >
      <label className={css.label}>
        What should they know?
        <textarea
          className={fields.textarea}
          rows={3}
          maxLength={2000}
          dir="auto"
          data-autofocus
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.shiftKey) {
              event.preventDefault();
              event.currentTarget.form!.requestSubmit();
            }
          }}
        />
      </label>
      {error != null && <ErrorNote error={error} />}
      <div className={css.actions}>
        <span className={css.hint}>The task stays with you; you can still answer it.</span>
        {work.flag && (
          <Button size="xs" variant="default" disabled={busy} onClick={() => void send('')}>
            Take the flag away
          </Button>
        )}
        <Button type="submit" size="xs" loading={busy} disabled={!note.trim()} rightSection={<Key k="Enter" />}>
          Flag
        </Button>
      </div>
    </form>
  );
}

const states = { claimed: 'being worked on', submitted: 'answered', skipped: 'skipped', expired: 'went to someone else' } as const;

function Recent({ projectId, level, sitting, onDone }: { projectId: string; level: string; sitting: Sitting; onDone: () => void }) {
  const [error, setError] = useState<unknown>(null);
  const recent = useInfiniteQuery({
    queryKey: ['recent', projectId, level],
    queryFn: ({ pageParam }) => deskApi(projectId, level).recent(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    staleTime: 0,
  });
  const items = recent.data?.pages.flatMap((page) => page.items) ?? [];
  useMarkings(items.map((item) => item.marking));

  const open = async (id: string) => {
    try {
      await sitting.openRecent(id);
      onDone();
    } catch (problem) {
      setError(problem);
    }
  };
  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('button[data-row]')];
    rows[rows.indexOf(document.activeElement as HTMLElement) + step]?.focus();
  };
  const trouble = error ?? recent.error;
  return (
    <div className={css.recent} onKeyDown={move}>
      {trouble != null && <ErrorNote error={trouble} retry={() => void recent.refetch()} />}
      {recent.data && !items.length && <EmptyState title="No work yet" hint="What you answer here is listed, newest first, so that you can go over it." />}
      {items.map((item, index) => (
        <button key={item.assignment_id} type="button" className={css.row} data-row data-autofocus={index === 0 || undefined} autoFocus={index === 0} onClick={() => void open(item.assignment_id)}>
          <MarkingBadge marking={item.marking} />
          <span className={css.excerpt}>
            <span dir="auto">{item.excerpt}</span>
            <span className={css.summary} dir="auto">
              {item.summary || states[item.state]}
            </span>
          </span>
          <span className={css.when}>
            {new Date(item.submitted_at ?? item.changed_at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })}
            <span>
              {states[item.state]}
              {item.revision > 1 && `, revision ${item.revision}`}
            </span>
          </span>
        </button>
      ))}
      {recent.hasNextPage && (
        <Button size="xs" variant="default" loading={recent.isFetchingNextPage} onClick={() => void recent.fetchNextPage()}>
          Earlier work
        </Button>
      )}
    </div>
  );
}
