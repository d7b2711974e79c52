import { Button, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { clientAt } from '../../../api/client';
import type { FieldOut, ProjectOut, TaskOut } from '../../../api/types';
import { ErrorNote } from '../../../components/ErrorNote';
import { MarkingBadge } from '../../../components/MarkingBadge';
import { Note } from '../../../components/Note';
import { Card } from '../../../components/Page';
import { duration, plural } from '../figures';
import { holdsOneOf } from '../roles';
import { agrees, backing, consensusOf, drawnSpans, offsetsOf, spanDifferences, valueText } from './answers';
import { OneTask, type PlaceInList } from './OneTask';
import { SpanText } from './SpanText';
import classes from './tasks.module.css';

/** One task: its text, what was agreed, and everybody's answer beside it. */
export function TaskView({ project, ...place }: PlaceInList & { project: ProjectOut }) {
  return (
    <OneTask {...place} name="task" all="All tasks" group="Task">
      {(task) => <Opened project={project} task={task} />}
    </OneTask>
  );
}

function Opened({ project, task }: { project: ProjectOut; task: TaskOut }) {
  const offsets = useMemo(() => offsetsOf(task.text), [task.text]);
  const spanFields = project.form.fields.filter((field): field is Extract<FieldOut, { kind: 'spans' }> => field.kind === 'spans');
  const others = project.form.fields.filter((field) => field.kind !== 'spans');
  const first = spanFields[0];
  const agreed = first ? consensusOf(task, first.key)?.value : null;
  const key = first?.key ?? '';
  const spans = useMemo(() => drawnSpans(key, agreed, offsets), [key, agreed, offsets]);
  return (
    <>
      <Card
        title={
          <span className={classes.title}>
            <MarkingBadge marking={task.marking} full />
            {task.external_id ?? 'Task'}
          </span>
        }
        aside={
          <span className={classes.muted}>
            {task.submitted} of {plural(task.wanted, 'answer')}
            {task.claimed > 0 && `, ${task.claimed} in hand now`}
            {' · '}
            <Link to="/trace/$kind/$thingId" params={{ kind: 'task', thingId: task.id }}>
              Where it came from, who saw it
            </Link>
          </span>
        }
      >
        {first && spans.length > 0 ? <SpanText text={task.text} spans={spans} field={first} /> : <p className={classes.text} data-plain>{task.text}</p>}
        {first && spans.length > 0 && <p className={classes.muted}>Drawn: the consensus.</p>}
      </Card>
      {task.flags.map((note, index) => (
        <Note key={index} tone="warn">
          <b>Flagged:</b> {note}
        </Note>
      ))}
      {task.skips.map((reason, index) => (
        <Note key={index}>
          <b>Skipped:</b> {reason}
        </Note>
      ))}
      {task.review && (
        <Note tone="good">
          <b>Decided by {task.review.person.name}</b>
          {task.review.note && `: ${task.review.note}`}
        </Note>
      )}
      {task.known && (
        <Note>
          <b>{task.role === 'training' ? 'Training task' : 'Gold task'}.</b> The right answer: {summaryOf(project.form.fields, task.known.result)}
          {task.known.explanation && `. ${task.known.explanation}`}
        </Note>
      )}
      <GoldSwitch project={project} task={task} />
      {task.answers.length === 0 && <Note>{task.claimed ? 'Somebody has this task in hand; nobody has answered yet.' : 'Nobody has answered yet.'}</Note>}
      {task.answers.length > 0 && (
        <Card title="Answers side by side">
          <div className={classes.scroll} tabIndex={0} role="region" aria-label="Answers side by side">
            <table className={classes.answers}>
              <thead>
                <tr>
                  <th scope="col">Person</th>
                  {[...others, ...spanFields].map((field) => (
                    <th key={field.key} scope="col">
                      {field.title}
                    </th>
                  ))}
                  <th scope="col" data-number>
                    Time
                  </th>
                  <th scope="col" data-number>
                    Given
                  </th>
                </tr>
              </thead>
              <tbody>
                <tr data-consensus>
                  <th scope="row">Consensus</th>
                  {[...others, ...spanFields].map((field) => {
                    const consensus = consensusOf(task, field.key);
                    const text = consensus && valueText(field, consensus.value);
                    return (
                      <td key={field.key}>
                        {text ?? <span className={classes.muted}>none</span>}
                        {consensus && <small>{backing(field, consensus)}</small>}
                      </td>
                    );
                  })}
                  <td />
                  <td />
                </tr>
                {task.answers.map((answer) => (
                  <tr key={answer.person.id}>
                    <th scope="row">
                      {answer.person.name}
                      {answer.revision > 1 && <small>revision {answer.revision}</small>}
                    </th>
                    {[...others, ...spanFields].map((field) => (
                      <Cell key={field.key} field={field} value={(answer.result as Record<string, unknown>)[field.key]} consensus={consensusOf(task, field.key)?.value} />
                    ))}
                    <td data-number>{duration(answer.seconds)}</td>
                    <td data-number>{new Date(answer.submitted_at).toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Card>
      )}
      {task.answers.length > 0 &&
        spanFields.map((field) => (
          <section key={field.key} aria-label={`${field.title}: spans of each person`}>
            <h2 className={classes.heading}>{field.title}</h2>
            <div className={classes.side}>
              {task.answers.map((answer) => (
                <Card key={answer.person.id} title={answer.person.name} aside={<Difference answer={(answer.result as Record<string, unknown>)[field.key]} consensus={consensusOf(task, field.key)?.value} />}>
                  <SpanText text={task.text} field={field} spans={drawnSpans(field.key, (answer.result as Record<string, unknown>)[field.key], offsets)} />
                </Card>
              ))}
            </div>
          </section>
        ))}
      {Object.keys(task.data).length > 0 && (
        <Card title="Further columns">
          <dl className={classes.data}>
            {Object.entries(task.data).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
              </div>
            ))}
          </dl>
        </Card>
      )}
    </>
  );
}

const summaryOf = (fields: readonly FieldOut[], result: Record<string, unknown>): string => fields.flatMap((field) => valueText(field, result[field.key]) ?? []).join(' · ');

/** A decided task may be mixed, unseen, into the work of those who haven't had it; and taken out again. */
function GoldSwitch({ project, task }: { project: ProjectOut; task: TaskOut }) {
  const queries = useQueryClient();
  const [why, setWhy] = useState('');
  const [error, setError] = useState<unknown>(null);
  if (!holdsOneOf(project.roles, ['owner', 'manager']) || !(task.role === 'gold' || (task.role === 'task' && task.review))) return null;
  const at = { params: { path: { task_id: task.id } } };
  const change = async () => {
    setError(null);
    try {
      if (task.role === 'gold') await clientAt(task.marking.text).DELETE('/api/v1/tasks/{task_id}/gold', at);
      else await clientAt(task.marking.text).PUT('/api/v1/tasks/{task_id}/gold', { ...at, body: { explanation: why } });
      await queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[1]).includes('/tasks') });
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <>
      {error != null && <ErrorNote error={error} close={() => setError(null)} />}
      <div className={classes.bar}>
        {task.role === 'task' && <TextInput className={classes.search} size="xs" aria-label="Why it is the right answer" placeholder="Why it is the right answer" maxLength={10_000} value={why} onChange={(event) => setWhy(event.currentTarget.value)} />}
        <Button size="xs" variant="default" onClick={() => void change()}>
          {task.role === 'gold' ? 'No gold task any more' : 'Make it a gold task'}
        </Button>
      </div>
    </>
  );
}

function Cell({ field, value, consensus }: { field: FieldOut; value: unknown; consensus: unknown }) {
  const text = valueText(field, value);
  // Free text is each person's own: differing from the most frequent one says nothing.
  const differs = field.kind !== 'text' && !agrees(value, consensus);
  return (
    <td data-differs={differs || undefined}>
      {text ?? <span className={classes.muted}>nothing</span>}
      {differs && <small>{field.kind === 'spans' ? differenceText(value, consensus) : 'differs'}</small>}
    </td>
  );
}

function Difference({ answer, consensus }: { answer: unknown; consensus: unknown }) {
  return <span className={classes.muted}>{differenceText(answer, consensus)}</span>;
}

function differenceText(answer: unknown, consensus: unknown): string {
  const { own, missing } = spanDifferences(answer, consensus);
  return [own && `${own} of their own`, missing && `${missing} missing`].filter(Boolean).join(', ') || 'as the consensus';
}
