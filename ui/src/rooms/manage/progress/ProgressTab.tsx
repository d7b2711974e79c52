import { SegmentedControl, Skeleton } from '@mantine/core';
import IconChartBar from '@tabler/icons-react/dist/esm/icons/IconChartBar.mjs';
import { Link } from '@tanstack/react-router';
import { useMemo, useState, type ReactNode } from 'react';
import { $api } from '../../../api/client';
import type { ProgressOut, ProjectOut } from '../../../api/types';
import { useMarkings } from '../../../app/markings';
import { ButtonLink } from '../../../components/ButtonLink';
import { EmptyState } from '../../../components/EmptyState';
import { ErrorNote } from '../../../components/ErrorNote';
import { MarkingBadge } from '../../../components/MarkingBadge';
import { Card } from '../../../components/Page';
import { Confusion } from '../charts/Confusion';
import { transposed } from '../charts/confusion';
import { barName } from '../charts/axis';
import { ProgressStack } from '../charts/ProgressStack';
import { Throughput } from '../charts/Throughput';
import { ago, buckets, count, duration, fittingGrain, forecast, percentText, plural, type Grain } from '../figures';
import { mayOpen } from '../roles';
import { AnnotatorTable } from './AnnotatorTable';
import classes from './progress.module.css';

/** How far, how fast, how much people agree; all of it from what the viewer may see. */
export function ProgressTab({ project }: { project: ProjectOut }) {
  const progress = $api.useQuery('get', '/api/v1/projects/{project_id}/progress', { params: { path: { project_id: project.id } } }, { refetchInterval: 15_000 });
  useMarkings(progress.data?.markings ?? []);
  if (progress.error && !progress.data) return <ErrorNote error={progress.error} retry={() => void progress.refetch()} />;
  if (!progress.data)
    return (
      <div className={classes.grid} role="status" aria-label="Counting">
        <Skeleton height={150} radius={8} />
        <Skeleton height={260} radius={8} />
        <Skeleton height={200} radius={8} />
      </div>
    );
  if (progress.data.tasks.total === 0)
    return (
      <EmptyState
        icon={<IconChartBar size={22} />}
        title="No tasks yet"
        hint={mayOpen('data', project.roles) ? 'Bring in texts, one task each: a CSV, JSON lines, text files or CoNLL. Progress appears here as people answer.' : 'Progress appears here once a manager has brought texts in.'}
      >
        {mayOpen('data', project.roles) && (
          <ButtonLink to="/projects/$projectId" params={{ projectId: project.id }} search={{ tab: 'data' }}>
            Bring texts in
          </ButtonLink>
        )}
      </EmptyState>
    );
  return <Figures project={project} progress={progress.data} at={new Date(progress.dataUpdatedAt)} stale={progress.error} />;
}

function Figures({ project, progress, at, stale }: { project: ProjectOut; progress: ProgressOut; at: Date; stale: unknown }) {
  const { tasks, answers } = progress;
  const missing = Math.max(0, answers.wanted - answers.submitted);
  const outlook = useMemo(() => forecast(progress.throughput, missing, at), [progress.throughput, missing, at]);
  const opened = mayOpen('tasks', project.roles);
  return (
    <div className={classes.grid}>
      {stale != null && <ErrorNote error={stale} />}
      <div className={classes.tiles}>
        <Tile name="Answers" value={`${count(answers.submitted)} of ${count(answers.wanted)}`} note={`${percentText(answers.submitted, answers.wanted)} of those wanted`} />
        <Tile
          name="Forecast"
          value={outlook.kind === 'complete' ? 'Complete' : outlook.kind === 'pace' ? duration(outlook.hours * 3600) : 'None yet'}
          note={
            outlook.kind === 'complete'
              ? 'every wanted answer is there'
              : outlook.kind === 'pace'
                ? `${plural(missing, 'answer')} left, ${outlook.basis}`
                : outlook.kind === 'idle'
                  ? outlook.basis
                  : 'appears with the first answers'
          }
        />
        <Tile name="Agreement" value={progress.agreement.percent === null ? 'None yet' : `${Math.round(progress.agreement.percent)}%`} note={progress.agreement.percent === null ? 'needs two people on one task' : 'of pairs of answers to the same task'} />
        <Tile name="Time per answer" value={duration(progress.median_seconds)} note={progress.median_seconds === null ? 'appears with the first answers' : 'median'} />
      </div>

      <Card
        title={plural(tasks.total, 'task')}
        aside={
          <span className={classes.muted}>
            {opened && tasks.flagged > 0 ? (
              <Link to="/projects/$projectId" params={{ projectId: project.id }} search={{ tab: 'tasks' }} hash="state=flagged">
                {plural(tasks.flagged, 'flagged task')}
              </Link>
            ) : (
              plural(tasks.flagged, 'flagged task')
            )}
            {' · '}
            {opened && tasks.skipped > 0 ? (
              <Link to="/projects/$projectId" params={{ projectId: project.id }} search={{ tab: 'tasks' }} hash="state=skipped">
                {count(tasks.skipped)} skipped by somebody
              </Link>
            ) : (
              `${count(tasks.skipped)} skipped by somebody`
            )}
          </span>
        }
      >
        <ProgressStack
          of={tasks.total === 1 ? 'task' : 'tasks'}
          parts={[
            { key: 'done', title: 'Done', count: tasks.done },
            { key: 'started', title: 'Started', count: tasks.started },
            { key: 'untouched', title: 'Untouched', count: tasks.untouched },
          ]}
        />
      </Card>

      <ThroughputCard progress={progress} at={at} outlook={outlook.kind === 'pace' ? `${perText(outlook.perHour)}, ${outlook.basis}; complete about ${outlook.finish.toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short' })}${outlook.hours < 48 ? `, ${outlook.finish.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })}` : ''}.` : null} />

      <div className={classes.pair}>
        <Card title="Agreement by question">
          <Agreement project={project} progress={progress} />
        </Card>
        <Card title="Queue by marking">
          <Queue progress={progress} />
        </Card>
      </div>

      {progress.confusion.map((confusion) => {
        const field = project.form.fields.find((each) => each.key === confusion.field);
        const title = field?.title ?? confusion.field;
        const named = field && field.kind !== 'text' ? field.labels : [];
        const titles = confusion.labels.map((id) => named.find((label) => label.id === id)?.title ?? id);
        return (
          <Card key={confusion.field} title={`Mixed up: ${title}`}>
            <Confusion title={title} labels={titles} counts={transposed(confusion.counts)} />
          </Card>
        );
      })}

      <Card title="Annotators">
        <AnnotatorTable annotators={progress.annotators} at={at} />
      </Card>
      <p className={classes.muted}>All figures count what you may see, and nothing else. Counted {ago(at.toISOString(), new Date())}.</p>
    </div>
  );
}

const perText = (perHour: number): string => (perHour >= 1 ? `${count(Math.round(perHour * 10) / 10)} answers an hour` : `${count(Math.round(perHour * 240) / 10)} answers a day`);

const Tile = ({ name, value, note }: { name: string; value: string; note: ReactNode }) => (
  <div className={classes.tile}>
    <span>{name}</span>
    <b>{value}</b>
    <span>{note}</span>
  </div>
);

function ThroughputCard({ progress, at, outlook }: { progress: ProgressOut; at: Date; outlook: string | null }) {
  const fitting = fittingGrain(progress.throughput, at);
  const [chosen, setChosen] = useState<Grain | null>(null);
  const grain = chosen ?? fitting;
  const bars = useMemo(() => buckets(progress.throughput, at, grain), [progress.throughput, at, grain]);
  const shown = grain === 'hour' ? bars.slice(-72) : bars;
  return (
    <Card
      title={`Answers per ${grain}`}
      aside={
        bars.length > 0 && (
          <SegmentedControl
            size="xs"
            aria-label="Answers per"
            value={grain}
            data={[
              { value: 'hour', label: 'Hour' },
              { value: 'day', label: 'Day' },
              { value: 'week', label: 'Week' },
            ]}
            onChange={(value) => setChosen(value as Grain)}
          />
        )
      }
    >
      {bars.length === 0 ? (
        <p className={classes.muted}>Nobody has answered yet.</p>
      ) : (
        <>
          <Throughput bars={shown} grain={grain} />
          <p className={classes.muted}>
            {outlook} {shown.at(-1)!.unfinished && shown.at(-1)!.answers > 0 && 'The hatched bar is still filling.'}{shown.length < bars.length && ' The last 72 hours are drawn.'}
          </p>
          <details className={classes.table}>
            <summary>The figures as a table</summary>
            <ul>
              {shown
                .filter((bar) => bar.answers > 0)
                .map((bar) => (
                  <li key={bar.start.getTime()}>{barName(bar, grain)}</li>
                ))}
            </ul>
          </details>
        </>
      )}
    </Card>
  );
}

function Agreement({ project, progress }: { project: ProjectOut; progress: ProgressOut }) {
  const fields = progress.agreement.fields;
  if (!fields.some((field) => field.n > 0)) return <p className={classes.muted}>Appears once two people have answered the same task.</p>;
  return (
    <table className={classes.figures}>
      <thead>
        <tr>
          <th scope="col">Question</th>
          <th scope="col" data-number>
            Agreement
          </th>
          <th scope="col" data-number>
            Pairs compared
          </th>
        </tr>
      </thead>
      <tbody>
        {fields.map((field) => (
          <tr key={field.field}>
            <th scope="row">{project.form.fields.find((each) => each.key === field.field)?.title ?? field.field}</th>
            <td data-number>{field.n ? `${Math.round(field.share * 100)}%` : '–'}</td>
            <td data-number>{count(field.n)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Who is cleared for what is for security officers to know. What a manager can see is that nobody has taken any of it. */
const locked = (group: ProgressOut['queue'][number]): boolean => group.open_slots > 0 && group.claimed + group.submitted === 0;

function Queue({ progress }: { progress: ProgressOut }) {
  const waiting = progress.queue.filter((group) => group.open_slots + group.claimed > 0);
  const begun = progress.queue.some((group) => group.claimed + group.submitted > 0);
  if (!waiting.length) return <p className={classes.muted}>Nothing waits: every wanted answer is there or on its way.</p>;
  return (
    <>
      <table className={classes.figures}>
        <thead>
          <tr>
            <th scope="col">Marking</th>
            <th scope="col" data-number>
              Given
            </th>
            <th scope="col" data-number>
              To give
            </th>
            <th scope="col" data-number>
              In hand
            </th>
          </tr>
        </thead>
        <tbody>
          {waiting.map((group) => (
            <tr key={group.marking.text}>
              <th scope="row">
                <MarkingBadge marking={group.marking} full />
                {begun && locked(group) && <small>Nobody has begun: is anybody here cleared for it?</small>}
              </th>
              <td data-number>{count(group.submitted)}</td>
              <td data-number>{count(group.open_slots)}</td>
              <td data-number>{count(group.claimed)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {!begun && <p className={classes.muted}>Nobody has begun yet. Whom the tasks go to is decided under People.</p>}
      {begun && waiting.some(locked) && (
        <p className={classes.muted}>
          {plural(waiting.filter(locked).reduce((sum, group) => sum + group.open_slots, 0), 'answer')} may be locked for lack of cleared people. Who is cleared, a security officer knows and changes.
        </p>
      )}
    </>
  );
}
