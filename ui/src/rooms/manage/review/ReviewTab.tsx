import { Skeleton } from '@mantine/core';
import IconGavel from '@tabler/icons-react/dist/esm/icons/IconGavel.mjs';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState, type KeyboardEvent } from 'react';
import { $api } from '../../../api/client';
import type { DisputeOut, ProjectOut } from '../../../api/types';
import { useMarkings } from '../../../app/markings';
import { EmptyState } from '../../../components/EmptyState';
import { ErrorNote } from '../../../components/ErrorNote';
import { Key } from '../../../components/Key';
import { MarkingBadge } from '../../../components/MarkingBadge';
import { Note } from '../../../components/Note';
import { count, plural } from '../figures';
import { paged } from '../paged';
import { percent } from '../quality/scales';
import { consensusText } from '../tasks/answers';
import { useHash } from '../useHash';
import { Adjudicate } from './Adjudicate';
import classes from './review.module.css';

/** What people don't agree on, the least sure first; opening one shows all its answers side by side. */
export function ReviewTab({ project }: { project: ProjectOut }) {
  const [hash, setHash] = useHash();
  const queries = useQueryClient();
  const opened = hash.get('dispute');
  const [said, setSaid] = useState('');
  const pages = $api.useInfiniteQuery('get', '/api/v1/projects/{project_id}/disputes', { params: { path: { project_id: project.id }, query: { limit: 100 } } }, paged);
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? [], [pages.data]);
  const mine = useMemo(() => rows.filter((row) => row.open_to_me), [rows]);
  useMarkings(rows.map((row) => row.task.marking));
  const index = mine.findIndex((row) => row.task.id === opened);
  if (opened)
    return (
      <Adjudicate
        key={opened}
        project={project}
        taskId={opened}
        place={index >= 0 ? `${count(index + 1)} of ${count(mine.length)}${pages.hasNextPage ? ' and more' : ''}` : null}
        back={() => setHash({ dispute: null })}
        previous={index > 0 ? () => setHash({ dispute: mine[index - 1]!.task.id }, true) : null}
        next={index >= 0 && index < mine.length - 1 ? () => setHash({ dispute: mine[index + 1]!.task.id }, true) : null}
        decided={(text) => {
          setSaid(text);
          const following = mine[index + 1] ?? mine[index - 1];
          void queries.invalidateQueries({ predicate: ({ queryKey }) => /\/(disputes|tasks|findings|progress)/.test(String(queryKey[1])) });
          setHash({ dispute: index >= 0 && following ? following.task.id : null }, true);
        }}
      />
    );
  return (
    <div className={classes.rows}>
      {said && <Note tone="good">{said}</Note>}
      {pages.error && <ErrorNote error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isPending && !pages.error && <Skeleton height={240} radius={8} />}
      {pages.data && rows.length === 0 && (
        <EmptyState
          icon={<IconGavel size={22} />}
          title="Nothing is disputed"
          hint={`A task comes here once it is asked no further and its consensus is less than ${percent(project.rules.review?.below ?? 0.7)} sure. Managers set that in the settings.`}
        />
      )}
      {rows.length > 0 && (
        <>
          <p className={classes.muted}>
            {plural(rows.length, 'task')}
            {pages.hasNextPage && ' and more'} on which people don’t agree, the least sure first.
            {rows.length > mine.length && ` ${count(rows.length - mine.length)} of them you answered yourself: somebody else decides those.`}
          </p>
          <Disputes project={project} rows={rows} open={(id) => setHash({ dispute: id })} more={pages.hasNextPage ? () => void pages.fetchNextPage() : null} />
        </>
      )}
    </div>
  );
}

function Disputes({ project, rows, open, more }: { project: ProjectOut; rows: readonly DisputeOut[]; open: (id: string) => void; more: (() => void) | null }) {
  const move = (event: KeyboardEvent<HTMLOListElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const buttons = [...event.currentTarget.querySelectorAll<HTMLButtonElement>('button:not(:disabled)')];
    const to = buttons[buttons.indexOf(document.activeElement as HTMLButtonElement) + step];
    if (to) {
      event.preventDefault();
      to.focus();
    }
  };
  return (
    <>
      <ol className={classes.list} onKeyDown={move} aria-label="Disputed tasks">
        {rows.map(({ task, confidence, open_to_me: mayDecide }, index) => (
          <li key={task.id}>
            <button type="button" disabled={!mayDecide} autoFocus={index === 0} onClick={() => open(task.id)}>
              <span className={classes.sure} aria-label={`${percent(confidence)} sure`}>
                {percent(confidence)}
              </span>
              <span className={classes.what}>
                <span>{task.excerpt}</span>
                <small>
                  <MarkingBadge marking={task.marking} /> {task.external_id && `${task.external_id} · `}
                  {plural(task.submitted, 'answer')} · {consensusText(project.form.fields, task) || 'no consensus'}
                  {!mayDecide && ' · you answered it'}
                </small>
              </span>
            </button>
          </li>
        ))}
      </ol>
      <p className={classes.muted}>
        <span data-keys>
          <Key k="ArrowUp" /> <Key k="ArrowDown" /> move, <Key k="Enter" /> opens
          {more && ' · '}
        </span>
        {more && (
          <button type="button" className={classes.more} onClick={more}>
            Show more
          </button>
        )}
      </p>
    </>
  );
}
