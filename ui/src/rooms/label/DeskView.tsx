import { Button } from '@mantine/core';
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { $api } from '../../api/client';
import type { FieldOut, ProjectOut } from '../../api/types';
import { useMarkings } from '../../app/markings';
import { ButtonLink } from '../../components/ButtonLink';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNote } from '../../components/ErrorNote';
import { Key } from '../../components/Key';
import { MarkingBadge } from '../../components/MarkingBadge';
import { Page } from '../../components/Page';
import { useModule } from '../../components/useModule';
import { inkOn, labelColour } from '../../lib/colour';
import { useKeys, type Binding } from '../../lib/keys';
import { keysOf, labelName } from '../../lib/labelKeys';
import { changed, neighbour, Words, withSpan, type Span } from '../../lib/spans';
import { manyOf, newSpanId, oneOf, spansOf } from './answer';
import { ClassOptions } from './ClassOptions';
import { Cursor } from './cursor';
import { Document, type Look } from './Document';
import { FEW } from './Filter';
import { Notices } from './Notices';
import { SaveState } from './SaveState';
import { SpanLabels } from './SpanLabels';
import { SpanPanel } from './SpanPanel';
import type { Sitting } from './sitting';
import { TextAnswer } from './TextAnswer';
import { isAsSent, type Work } from './work';
import css from './Desk.module.css';

const loadDialogs = () => import('./Dialogs');
const loadGuideline = () => import('./Guideline');

const noSpans: readonly Span[] = [];

interface DeskViewProps {
  project: ProjectOut;
  fields: readonly FieldOut[];
  sitting: Sitting;
  level: string;
}

export function DeskView({ project, fields, sitting, level }: DeskViewProps) {
  const state = useSyncExternalStore(sitting.subscribe, sitting.snapshot);
  const work = state.works[state.at] ?? null;
  const answer = work?.history.now;

  const keys = useMemo(() => keysOf(fields), [fields]);
  const looks = useMemo(() => looksOf(fields), [fields]);
  const spanFields = useMemo(() => fields.filter((field) => field.kind === 'spans'), [fields]);
  const firstText = fields.find((field) => field.kind === 'text');

  const [dialog, setDialog] = useState<'skip' | 'flag' | 'recent' | null>(null);
  const [guideline, setGuideline] = useGuidelineOpen(project);
  const [settled, setSettled] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(true), 300);
    return () => clearTimeout(timer);
  }, []);
  const dialogs = useModule(loadDialogs, settled || dialog !== null || state.lesson !== null);
  const reader = useModule(loadGuideline, settled || guideline);

  const left = useLeft(project.id, level, state.sentHere);
  useMarkings([project.marking, work?.marking]);

  // A cursor belongs to one text; the words of a text are found when they are first wanted.
  const cursor = useMemo(() => {
    let words: Words | null = null;
    return new Cursor(work?.text ?? '', () => (words ??= new Words(work?.text ?? '')));
  }, [work?.id, work?.text]);
  const currentId = useSyncExternalStore(cursor.subscribe, () => cursor.state.span);
  const armed = useSyncExternalStore(cursor.subscribe, () => cursor.state.armed);
  const spans = useMemo(() => (answer ? spanFields.flatMap((field) => spansOf(answer, field.key)) : noSpans), [answer, spanFields]);

  const pane = useRef<HTMLDivElement>(null);
  const side = useRef<HTMLElement>(null);
  useEffect(() => {
    pane.current?.scrollTo(0, 0);
    if (!document.querySelector('[aria-modal=true]')) pane.current?.focus({ preventScroll: true });
  }, [work?.id]);
  useEffect(() => {
    const here = () => sitting.active();
    for (const event of ['keydown', 'pointerdown', 'wheel'] as const) window.addEventListener(event, here, { passive: true });
    return () => {
      for (const event of ['keydown', 'pointerdown', 'wheel'] as const) window.removeEventListener(event, here);
    };
  }, [sitting]);

  const choose = useCallback(
    (fieldKey: string, label: string) => {
      const field = fields.find((each) => each.key === fieldKey);
      const now = sitting.current?.history.now;
      if (!field || !now) return;
      if (field.kind === 'class') {
        if (field.multiple) {
          const chosen = manyOf(now, fieldKey);
          sitting.answer({ [fieldKey]: chosen.includes(label) ? chosen.filter((id) => id !== label) : [...chosen, label] });
        } else sitting.answer({ [fieldKey]: oneOf(now, fieldKey) === label && !field.required ? '' : label });
      } else if (field.kind === 'spans') mark(sitting, cursor, spanFields, fieldKey, label);
    },
    [fields, spanFields, sitting, cursor],
  );
  const type = useCallback((field: string, value: string) => sitting.answer({ [field]: value }, true), [sitting]);

  const current = spans.find((span) => span.id === currentId) ?? null;
  const step = (direction: 1 | -1) => {
    const next = neighbour(spans, currentId, direction, cursor.place);
    if (!next) return;
    cursor.pick(next.id, next.start);
    cursor.reveal(next.start);
  };
  const remove = () => {
    if (!current) return;
    sitting.answer({ [current.field]: spansOf(answer!, current.field).filter((span) => span !== current) });
    cursor.pick(null, current.start);
  };
  const moveEnd = (direction: 1 | -1, by: 'word' | 'character') => {
    if (!current) return;
    const { end } = cursor.state;
    const at = current[end];
    let to: number;
    if (by === 'character') to = cursor.step(at, direction);
    else if (end === 'end') to = direction === 1 ? cursor.wordAfter(at)[1] : cursor.wordBefore(cursor.wordBefore(at)[0])[1];
    else to = direction === 1 ? cursor.wordAfter(cursor.wordAfter(at)[1])[0] : cursor.wordBefore(at)[0];
    sitting.answer({ [current.field]: changed(spansOf(answer!, current.field), current.id, { [end]: to }) });
  };
  const sideways = (arrow: 1 | -1, extend: boolean, by: 'word' | 'character') => {
    if (!work) return;
    const direction = cursor.rightToLeft ? (-arrow as 1 | -1) : arrow;
    if (extend && !cursor.state.range && current) moveEnd(direction, by);
    else if (by === 'character') cursor.character(direction);
    else cursor.word(direction, extend);
  };
  const write = () => side.current?.querySelector('textarea')?.focus();

  const labels = useMemo(() => fields.flatMap((field) => (field.kind === 'text' ? [] : labelBindings(field, keys.key, choose))), [fields, keys, choose]);
  const taken = (key: string) => keys.choice.has(key);
  /** A letter of the desk, or Alt and the letter where the form gives the letter to a label. */
  const letter = (key: string) => (taken(key) ? [`alt+${key}`] : [key, `alt+${key}`]);
  const own = work?.state === 'open' && !work.skipped;
  const resend = work?.state === 'sent' && !isAsSent(fields, work);
  useKeys([
    { keys: ['Enter', 'mod+Enter'], label: work?.state === 'sent' ? 'Send again, or go on' : 'Submit and go on', group: 'Task', run: () => sitting.submit() },
    { keys: 'mod+Enter', label: 'Submit from a text field', group: 'Task', whileTyping: true, keyOnly: true, run: () => sitting.submit() },
    { keys: 'Backspace', label: 'Back to the task before', group: 'Task', run: () => void sitting.back() },
    { keys: 'shift+Backspace', label: 'Forward again', group: 'Task', run: () => sitting.forward() },
    { keys: 'mod+z', label: 'Undo', group: 'Task', whileTyping: true, run: () => sitting.undo() },
    { keys: ['mod+shift+z', 'mod+y'], label: 'Redo', group: 'Task', whileTyping: true, run: () => sitting.redo() },
    { keys: letter('s'), label: 'Skip, with a reason', group: 'Task', run: () => own && setDialog('skip') },
    { keys: letter('f'), label: 'Flag, with a note', group: 'Task', run: () => work && setDialog('flag') },
    { keys: letter('g'), label: guideline ? 'Close the guideline' : 'Read the guideline', group: 'Task', run: () => setGuideline(!guideline) },
    { keys: letter('r'), label: 'My recent work', group: 'Task', run: () => setDialog('recent') },
    ...(firstText ? [{ keys: letter('w'), label: `Write: ${firstText.title} (Esc leaves)`, group: 'Task', run: write }] : []),
    ...(spanFields.length ? spanKeys({ cursor, step, remove, sideways, letter }) : []),
    ...(fields.some((field) => field.kind !== 'text' && field.labels.length > FEW) ? [{ keys: '/', label: 'Find a label by name', group: 'Task', run: () => side.current?.querySelector<HTMLElement>('[data-filter]')?.focus() }] : []),
    ...labels,
  ]);

  const markWithMouse = (exactly: boolean, target: Element) => {
    const range = cursor.takeMouse(exactly);
    const { armed } = cursor.state;
    if (range && armed) {
      const [field, label] = armed.split('/', 2) as [string, string];
      choose(field, label);
    } else if (!range) {
      const id = target.closest<HTMLElement>('[data-span]')?.dataset.span ?? null;
      cursor.pick(id, spans.find((span) => span.id === id)?.start);
    }
  };

  const extra = work ? Object.entries(work.data) : [];
  return (
    <Page
      full
      title={project.name}
      sub={
        work ? (
          <>
            {work.externalId && `${work.externalId} · `}
            {standing(work, resend, state.sentHere, left)}
          </>
        ) : (
          `${state.sentHere} answered in this sitting`
        )
      }
      actions={
        <>
          <SaveState work={work} outbox={state.outbox} lastSentAt={state.lastSentAt} onRetry={() => sitting.retry()} />
          <Button size="xs" variant="subtle" color="gray" disabled={!work} onClick={() => setDialog('flag')} rightSection={<Key k={letter('f')[0]!} />}>
            {work?.flag ? 'Flagged' : 'Flag'}
          </Button>
          <Button size="xs" variant="default" disabled={!own} onClick={() => setDialog('skip')} rightSection={<Key k={letter('s')[0]!} />}>
            Skip
          </Button>
          <Button size="xs" disabled={!work} onClick={() => sitting.submit()} rightSection={<Key k="Enter" />}>
            {work?.state === 'lost' || (work?.state === 'sent' && !resend) ? 'Next task' : resend ? 'Send again' : 'Submit'}
          </Button>
        </>
      }
    >
      <Notices notices={state.notices} works={state.works} onDismiss={(id) => sitting.dismiss(id)} onOpen={(id) => void sitting.openRecent(id)} />
      <div className={css.desk} data-guideline={guideline || undefined}>
        {work ? (
          <div
            ref={pane}
            className={css.pane}
            data-pane
            tabIndex={0}
            role="group"
            aria-label="Text to label"
            data-testid="pane"
            onMouseUp={(event) => spanFields.length && event.button === 0 && markWithMouse(event.altKey, event.target as Element)}
          >
            <article className={css.sheet} data-short={work.text.length < 600 || undefined}>
              <div className={css.portion}>
                <MarkingBadge marking={work.marking} />
                {work.training && <span className={css.training}>Training: it counts for nothing, and says the right answer afterwards</span>}
                {work.flag && <span className={css.flag}>Flagged: {work.flag}</span>}
              </div>
              {work.state === 'lost' && <p className={css.lost}>This task is with someone else now. What you did is kept as a draft that a reviewer can take up. Enter goes on.</p>}
              <Document text={work.text} spans={spans} looks={looks} current={currentId} attach={cursor.attach} />
              {extra.length > 0 && (
                <dl className={css.data}>
                  {extra.map(([name, value]) => (
                    <div key={name}>
                      <dt>{name}</dt>
                      <dd dir="auto">{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
                    </div>
                  ))}
                </dl>
              )}
            </article>
          </div>
        ) : (
          <Front sitting={sitting} front={state.front} waiting={state.outbox.waiting} sent={state.sentHere} level={level} projectId={project.id} />
        )}
        {guideline && (
          <aside className={css.guideline} aria-label="Guideline">
            {reader && <reader.Guideline text={project.guideline} version={project.guideline_version} onClose={() => setGuideline(false)} />}
          </aside>
        )}
        <aside className={css.side} ref={side} aria-label="Answer">
          {work &&
            fields.map((field) => (
              <FieldSection key={field.key} field={field} missing={state.missing.includes(field.key)} hotkey={field === firstText ? letter('w')[0] : undefined}>
                {field.kind === 'class' && <ClassOptions field={field} chosen={chosenOf(work, field)} keys={keys} onChoose={choose} />}
                {field.kind === 'spans' && <SpanLabels field={field} spans={spansOf(work.history.now, field.key)} looks={looks} keys={keys} armed={armed} onChoose={choose} />}
                {field.kind === 'text' && <TextAnswer field={field} value={oneOf(work.history.now, field.key)} disabled={work.state === 'lost'} onType={type} />}
              </FieldSection>
            ))}
          {work && spanFields.length > 0 && <SpanPanel cursor={cursor} current={current} text={work.text} looks={looks} letter={letter} />}
          <div className={css.hints}>
            <button type="button" onClick={() => void sitting.back()}>
              Back <Key k="Backspace" />
            </button>
            <button type="button" disabled={!work} onClick={() => sitting.undo()}>
              Undo <Key k="mod+z" />
            </button>
            <button type="button" onClick={() => setDialog('recent')}>
              Recent work <Key k={letter('r')[0]!} />
            </button>
            <button type="button" onClick={() => setGuideline(!guideline)} aria-expanded={guideline}>
              Guideline <Key k={letter('g')[0]!} />
            </button>
          </div>
        </aside>
      </div>
      {dialogs && <dialogs.Dialogs projectId={project.id} level={level} sitting={sitting} work={work} dialog={dialog} onClose={() => setDialog(null)} asked={fields} lesson={state.lesson} />}
    </Page>
  );
}

/** How many tasks wait here for me: as the server counted, less what I have answered since. Others answer, too: it is counted anew now and then. */
function useLeft(projectId: string, level: string, sentHere: number): number {
  const home = $api.useQuery('get', '/api/v1/home', {}, { staleTime: 60_000, refetchInterval: 5 * 60_000 });
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const sentThen = useMemo(() => sentHere, [home.dataUpdatedAt]);
  const here = home.data?.groups.find((group) => group.marking.text === level)?.projects.find((each) => each.id === projectId);
  return here ? here.waiting + here.mine_open - (sentHere - sentThen) : 0;
}

/** Where the task on screen stands. */
function standing(work: Work, resend: boolean, sentHere: number, left: number): string {
  if (work.skipped) return 'Skipped; it can still be answered while nobody else has it';
  if (resend) return 'Answered; the change is not sent yet';
  if (work.state === 'sent') return work.sent!.revision > 1 ? `Answered, revision ${work.sent!.revision}` : 'Answered';
  return `${sentHere ? `${sentHere} answered in this sitting` : 'First task of this sitting'}${left > 0 ? ` · ${left.toLocaleString('en-GB')} left for you` : ''}`;
}

/** Marks what is selected with a label; with nothing selected relabels the picked span, or takes the label up for the mouse. */
function mark(sitting: Sitting, cursor: Cursor, spanFields: readonly FieldOut[], fieldKey: string, label: string): void {
  const answer = sitting.current!.history.now;
  const { range, span: id, armed } = cursor.state;
  if (range) {
    const { spans, span } = withSpan(spansOf(answer, fieldKey), { id: newSpanId(), field: fieldKey, start: range[0], end: range[1], label });
    sitting.answer({ [fieldKey]: spans });
    return cursor.pick(span.id, range[1]);
  }
  const picked = id && spanFields.flatMap((field) => spansOf(answer, field.key)).find((span) => span.id === id);
  if (!picked) {
    const name = labelName(fieldKey, label);
    return cursor.arm(armed === name ? null : name);
  }
  if (picked.field === fieldKey) return sitting.answer({ [fieldKey]: changed(spansOf(answer, fieldKey), picked.id, { label }) });
  // A label of another field: the span moves there, in one step.
  sitting.answer({
    [picked.field]: spansOf(answer, picked.field).filter((span) => span !== picked),
    [fieldKey]: withSpan(spansOf(answer, fieldKey), { ...picked, field: fieldKey, label }).spans,
  });
}

function chosenOf(work: Work, field: FieldOut & { kind: 'class' }): readonly string[] {
  if (field.multiple) return manyOf(work.history.now, field.key);
  const one = oneOf(work.history.now, field.key);
  return one ? [one] : [];
}

function looksOf(fields: readonly FieldOut[]): ReadonlyMap<string, Look> {
  const looks = new Map<string, Look>();
  let index = 0;
  for (const field of fields) {
    if (field.kind !== 'spans') continue;
    for (const label of field.labels) {
      const colour = labelColour(label.colour, index++);
      looks.set(labelName(field.key, label.id), { title: label.title, colour, ink: inkOn(colour) });
    }
  }
  return looks;
}

/** Each label's key, under the title of its field. */
function labelBindings(field: FieldOut & { kind: 'class' | 'spans' }, keys: ReadonlyMap<string, string>, choose: (field: string, label: string) => void): Binding[] {
  return field.labels.map((label) => ({
    keys: keys.get(labelName(field.key, label.id)) ?? '',
    label: label.title,
    group: field.title,
    run: () => choose(field.key, label.id),
  }));
}

interface SpanActions {
  cursor: Cursor;
  step: (direction: 1 | -1) => void;
  remove: () => void;
  sideways: (arrow: 1 | -1, extend: boolean, by: 'word' | 'character') => void;
  letter: (key: string) => string[];
}

function spanKeys({ cursor, step, remove, sideways, letter }: SpanActions): Binding[] {
  const key = (keys: string | string[], label: string, run: () => void): Binding => ({ keys, label, group: 'Spans', keyOnly: true, run });
  return [
    key('ArrowRight', 'Next word', () => sideways(1, false, 'word')),
    key('ArrowLeft', 'Previous word', () => sideways(-1, false, 'word')),
    key('ArrowDown', 'Word below', () => cursor.line(1, false)),
    key('ArrowUp', 'Word above', () => cursor.line(-1, false)),
    key('shift+ArrowRight', 'Extend, or move the span’s end, by a word', () => sideways(1, true, 'word')),
    { ...key('shift+ArrowLeft', 'Extend backwards by a word', () => sideways(-1, true, 'word')), listed: '' },
    { ...key('shift+ArrowDown', 'Extend by a line', () => cursor.line(1, true)) },
    { ...key('shift+ArrowUp', 'Extend backwards by a line', () => cursor.line(-1, true)), listed: '' },
    key('mod+shift+ArrowRight', 'The same by a character', () => sideways(1, true, 'character')),
    { ...key('mod+shift+ArrowLeft', 'Backwards by a character', () => sideways(-1, true, 'character')), listed: '' },
    { ...key(letter('x'), 'Move the other end', () => cursor.swap()), keyOnly: false },
    { ...key(letter('n'), 'Next span', () => step(1)), keyOnly: false },
    { ...key(letter('n').map((each) => each.replace('n', 'shift+n')), 'Previous span', () => step(-1)), keyOnly: false },
    { ...key('Delete', 'Remove the span', remove), keyOnly: false },
    key('Escape', 'Select nothing', () => cursor.clear()),
  ];
}

function FieldSection({ field, missing, hotkey, children }: { field: FieldOut; missing: boolean; hotkey?: string; children: React.ReactNode }) {
  return (
    <section className={css.field} data-missing={missing || undefined}>
      <h2 dir="auto">
        {field.title}
        {!field.required && <span className={css.optional}>optional</span>}
        {field.kind === 'class' && field.multiple && <span className={css.optional}>several</span>}
        {hotkey && <Key k={hotkey} />}
      </h2>
      {field.help && (
        <p className={css.help} dir="auto">
          {field.help}
        </p>
      )}
      {missing && (
        <p className={css.wanted} role="alert">
          {field.kind === 'spans' ? 'Mark at least one span, or skip the task.' : field.kind === 'text' ? 'Write something, or skip the task.' : 'Choose a label, or skip the task.'}
        </p>
      )}
      {children}
    </section>
  );
}

/** Where no task is on screen: it is coming, there is none, or it can’t be had. */
function Front({ sitting, front, waiting, sent, level, projectId }: { sitting: Sitting; front: Sitting['state']['front']; waiting: number; sent: number; level: string; projectId: string }) {
  return (
    <div className={css.pane}>
      {front.state === 'failed' && (
        <div className={css.trouble}>
          <ErrorNote error={front.problem} retry={() => sitting.retry()} />
          {waiting > 0 && <p className={css.coming}>{waiting === 1 ? 'Your answer is kept in this window and is' : `Your ${waiting} answers are kept in this window and are`} sent as soon as the server is there. Leave the window open.</p>}
        </div>
      )}
      {front.state === 'none' && (
        <EmptyState
          title={sent ? 'Done: nothing is left here for you' : 'Nothing waits for you here'}
          hint={`Every task marked ${level} in this project has been given out or answered. Tasks that others let go come back; you can look again, or go over your own work.`}
        >
          <Button size="xs" onClick={() => sitting.retry()}>
            Look again
          </Button>
          <Button size="xs" variant="default" onClick={() => void sitting.back()} rightSection={<Key k="Backspace" />}>
            My last answer
          </Button>
          <ButtonLink size="xs" variant="default" to="/">
            Home
          </ButtonLink>
        </EmptyState>
      )}
      {front.state === 'loading' && <LateNote key={projectId} />}
    </div>
  );
}

/** Says that the next task is on its way, but only once the wait can be felt. */
function LateNote() {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 250);
    return () => clearTimeout(timer);
  }, []);
  return late && <p className={css.coming}>Fetching the next task…</p>;
}

/** The guideline is open when one meets it for the first time, and after it has changed. */
function useGuidelineOpen(project: ProjectOut): [boolean, (open: boolean) => void] {
  const seen = `guideline ${project.id}`;
  const isNew = () => !!project.guideline.trim() && !matchMedia('(max-width: 640px)').matches && localStorage.getItem(seen) !== String(project.guideline_version);
  const [open, setOpen] = useState(isNew);
  const version = useRef(project.guideline_version);
  useEffect(() => {
    if (version.current !== project.guideline_version) setOpen(isNew());
    version.current = project.guideline_version;
  });
  const set = (next: boolean) => {
    setOpen(next);
    if (!next) localStorage.setItem(seen, String(project.guideline_version));
  };
  return [open, set];
}
