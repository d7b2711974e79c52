import { Button, Checkbox, Textarea, TextInput } from '@mantine/core';
import IconCheck from '@tabler/icons-react/dist/esm/icons/IconCheck.mjs';
import { useMemo, useRef, useState } from 'react';
import { clientAt } from '../../../api/client';
import type { FieldOut, ProjectOut, TaskOut } from '../../../api/types';
import { ErrorNote } from '../../../components/ErrorNote';
import { Key } from '../../../components/Key';
import { MarkingBadge } from '../../../components/MarkingBadge';
import { Note } from '../../../components/Note';
import { Card } from '../../../components/Page';
import { useKeys } from '../../../lib/keys';
import { percent } from '../quality/scales';
import { agrees, consensusOf, drawnSpans, labelTitle, offsetsOf, valueText } from '../tasks/answers';
import { OneTask, type PlaceInList } from '../tasks/OneTask';
import { SpanText } from '../tasks/SpanText';
import { begun, candidates, holdsSpan, LETTERS, sent, withLabel, withSpanToggled, type Decision } from './decision';
import classes from './review.module.css';

/** One disputed task: every answer beside the others; take one over with its letter, or put a decision together. */
export function Adjudicate({ project, decided, ...place }: PlaceInList & { project: ProjectOut; decided: (said: string) => void }) {
  return (
    <OneTask {...place} name="dispute" all="All disputes" group="Review">
      {(task) => <Bench project={project} task={task} decided={decided} />}
    </OneTask>
  );
}

function Bench({ project, task, decided }: { project: ProjectOut; task: TaskOut; decided: (said: string) => void }) {
  const fields = project.form.fields;
  const offsets = useMemo(() => offsetsOf(task.text), [task.text]);
  const [decision, setDecision] = useState<Decision>(() => begun(fields, task));
  const [taken, setTaken] = useState<string | null>(null);
  const [note, setNote] = useState(task.review?.note ?? '');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const attempt = useRef(crypto.randomUUID());
  const notes = useRef<HTMLInputElement>(null);
  const spanFields = fields.filter((field): field is Extract<FieldOut, { kind: 'spans' }> => field.kind === 'spans');

  const take = (result: Decision, who: string) => {
    setDecision({ ...result });
    setTaken(who);
    attempt.current = crypto.randomUUID();
  };
  const change = (key: string, value: unknown) => {
    setDecision((now) => ({ ...now, [key]: value }));
    setTaken(null);
    attempt.current = crypto.randomUUID();
  };
  const decide = async () => {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      await clientAt(task.marking.text).POST('/api/v1/tasks/{task_id}/review', {
        params: { path: { task_id: task.id } },
        headers: { 'Idempotency-Key': attempt.current },
        body: { result: sent(decision), note: note.trim() },
      });
      decided(`Decided${task.external_id ? `: ${task.external_id}` : ''}. It is the consensus from now on, and people are measured by it.`);
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  useKeys([
    ...task.answers.slice(0, LETTERS.length).map((answer, index) => ({
      keys: LETTERS[index]!,
      label: `Take over the answer of ${answer.person.name}`,
      group: 'Review',
      run: () => take(answer.result as Decision, answer.person.id),
    })),
    { keys: 'w', label: 'Write why', group: 'Review', run: () => notes.current?.focus() },
    { keys: ['Enter', 'mod+Enter'], label: 'Decide, and on to the next', group: 'Review', run: () => void decide() },
    { keys: 'mod+Enter', label: 'Decide from a text field', group: 'Review', whileTyping: true, keyOnly: true, run: () => void decide() },
  ]);

  const first = spanFields[0];
  return (
    <>
      <Card
        title={
          <span className={classes.title}>
            <MarkingBadge marking={task.marking} full />
            {task.external_id ?? 'Task'}
          </span>
        }
        aside={<span className={classes.muted}>{task.review ? `decided by ${task.review.person.name}` : `${task.submitted} answers, no more are asked for`}</span>}
      >
        {first ? <SpanText text={task.text} field={first} spans={drawnSpans(first.key, decision[first.key], offsets)} /> : <p className={classes.text}>{task.text}</p>}
        {first && <p className={classes.muted}>Drawn: your decision as it stands.</p>}
      </Card>
      {error != null && <ErrorNote error={error} close={() => setError(null)} />}
      {!task.may_review && <Note tone="warn">You answered this task yourself. In this project somebody else decides it.</Note>}
      <div className={classes.side}>
        {task.answers.map((answer, index) => {
          const result = answer.result as Decision;
          return (
            <section key={answer.person.id} className={classes.answer} data-taken={taken === answer.person.id || undefined} aria-label={`Answer of ${answer.person.name}`}>
              <header>
                <b>{answer.person.name}</b>
                <Button size="compact-xs" variant={taken === answer.person.id ? 'filled' : 'default'} disabled={!task.may_review} rightSection={LETTERS[index] && <Key k={LETTERS[index]} />} onClick={() => take(result, answer.person.id)}>
                  {taken === answer.person.id ? 'Taken over' : 'Take over'}
                </Button>
              </header>
              <dl>
                {fields.map((field) => (
                  <div key={field.key} data-differs={(field.kind !== 'text' && !agrees(result[field.key], decision[field.key])) || undefined}>
                    <dt>{field.title}</dt>
                    <dd>{valueText(field, result[field.key]) ?? <span className={classes.muted}>nothing</span>}</dd>
                  </div>
                ))}
              </dl>
              {spanFields.map((field) => (
                <SpanText key={field.key} text={task.text} field={field} spans={drawnSpans(field.key, result[field.key], offsets)} />
              ))}
            </section>
          );
        })}
      </div>
      <Card title="Your decision" aside={<span className={classes.muted}>Take an answer over, or put one together.</span>}>
        <div className={classes.decision}>
          {fields.map((field) => (
            <Part key={field.key} field={field} task={task} value={decision[field.key]} change={(value) => change(field.key, value)} />
          ))}
          <TextInput ref={notes} label="Why (those who look after the project see it, and exports carry it)" maxLength={2000} value={note} rightSection={<Key k="w" />} onChange={(event) => setNote(event.currentTarget.value)} onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()} />
          <div className={classes.actions}>
            <Button leftSection={<IconCheck size={16} aria-hidden />} disabled={!task.may_review} loading={busy} rightSection={<Key k="Enter" />} onClick={() => void decide()}>
              {task.review ? 'Decide anew' : 'Decide'}
            </Button>
          </div>
        </div>
      </Card>
    </>
  );
}

function Part({ field, task, value, change }: { field: FieldOut; task: TaskOut; value: unknown; change: (value: unknown) => void }) {
  const consensus = consensusOf(task, field.key);
  const says = consensus ? `${valueText(field, consensus.value) ?? 'nothing'}${consensus.confidence != null ? `, ${percent(consensus.confidence)} sure` : `, ${consensus.votes} of ${consensus.answers}`}` : 'none';
  return (
    <fieldset className={classes.part}>
      <legend>
        {field.title} <span className={classes.muted}>consensus so far: {says}</span>
      </legend>
      {field.kind === 'class' && (
        <div className={classes.labels} role={field.multiple ? 'group' : 'radiogroup'} aria-label={field.title}>
          {field.labels.map((label) => {
            const chosen = field.multiple ? Array.isArray(value) && value.includes(label.id) : value === label.id;
            const votes = task.answers.filter(({ result }) => {
              const given = (result as Decision)[field.key];
              return Array.isArray(given) ? given.includes(label.id) : given === label.id;
            }).length;
            return (
              <button key={label.id} type="button" role={field.multiple ? 'checkbox' : 'radio'} aria-checked={chosen} onClick={() => change(withLabel(field, value, label.id))}>
                {labelTitle(field, label.id)}
                {votes > 0 && <small>{votes}</small>}
              </button>
            );
          })}
        </div>
      )}
      {field.kind === 'spans' && (
        <div className={classes.spans}>
          {candidates(field.key, task).map(({ span, by }) => (
            <Checkbox
              key={`${span.start}-${span.end}-${span.label}`}
              size="xs"
              checked={holdsSpan(value, span)}
              label={`${labelTitle(field, span.label)}: “${[...task.text].slice(span.start, span.end).join('').slice(0, 60)}” · ${by.join(', ')}`}
              onChange={() => change(withSpanToggled(value, span))}
            />
          ))}
          {candidates(field.key, task).length === 0 && <span className={classes.muted}>Nobody marked anything.</span>}
        </div>
      )}
      {field.kind === 'text' && <Textarea aria-label={field.title} autosize minRows={1} maxRows={6} maxLength={field.max_length} value={typeof value === 'string' ? value : ''} onChange={(event) => change(event.currentTarget.value)} />}
    </fieldset>
  );
}
