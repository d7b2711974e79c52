import { Button, Skeleton } from '@mantine/core';
import { useState } from 'react';
import { $api } from '../../api/client';
import type { ImportOut } from '../../api/types';
import { useMarkings } from '../../app/markings';
import { ErrorNote } from '../../components/ErrorNote';
import { MarkingBadge } from '../../components/MarkingBadge';
import { ago, count, plural } from '../manage/figures';
import classes from './data.module.css';
import { JobProgress } from './JobProgress';
import { paged } from '../manage/paged';

/** One import: how far it is, what it brought at each marking, and the rows it had to leave. */
export function ImportRecord({ record, open, changed }: { record: ImportOut; open: boolean; changed: () => void }) {
  const [listed, setListed] = useState(open);
  useMarkings([record.marking, ...record.tallies.map((tally) => tally.marking)]);
  const added = record.tallies.reduce((sum, tally) => sum + tally.added, 0);
  const there = record.tallies.reduce((sum, tally) => sum + tally.already_there, 0);
  const over = record.job.state === 'done';
  return (
    <li className={classes.record} aria-label={`Import of ${record.file_name}`}>
      <div className={classes.recordHead}>
        <b>{record.file_name}</b>
        <MarkingBadge marking={record.marking} />
        <span>
          {record.format} · {record.created_by.name}, {ago(record.created_at, new Date())}
        </span>
      </div>
      <JobProgress job={record.job} level={record.marking.text} changed={changed} what="import" kept="The rows brought in so far are kept." />
      {(over || added > 0 || there > 0) && (
        <p className={classes.outcome} role="status">
          <b>{plural(added, 'task')} added</b>
          {there > 0 && (
            <>
              {' · '}
              {plural(there, 'row')} {there === 1 ? 'was' : 'were'} there already, nothing was added twice
            </>
          )}
          {record.rejected > 0 && <> · {plural(record.rejected, 'row')} rejected</>}
        </p>
      )}
      {record.tallies.length > 0 && (
        <ul className={classes.tallies} aria-label="By marking">
          {record.tallies.map((tally) => (
            <li key={tally.marking.text}>
              <MarkingBadge marking={tally.marking} full />
              {count(tally.added)} added{tally.already_there > 0 && `, ${count(tally.already_there)} there already`}
            </li>
          ))}
        </ul>
      )}
      {record.rejected > 0 &&
        (listed ? (
          <Rejections record={record} />
        ) : (
          <Button size="compact-xs" variant="default" onClick={() => setListed(true)}>
            List the rejected rows
          </Button>
        ))}
    </li>
  );
}

function Rejections({ record }: { record: ImportOut }) {
  const running = record.job.state === 'running' || record.job.state === 'queued';
  const pages = $api.useInfiniteQuery(
    'get',
    '/api/v1/imports/{import_id}/rejections',
    { params: { path: { import_id: record.id }, query: { limit: 50 } } },
    { ...paged, refetchInterval: running ? 2000 : false },
  );
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? [];
  if (pages.error) return <ErrorNote error={pages.error} retry={() => void pages.refetch()} />;
  if (pages.isPending) return <Skeleton height={60} radius={6} />;
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={`Rejected rows of ${record.file_name}`}>
      <table className={classes.rejections}>
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col">What is wrong</th>
            <th scope="col">Expected</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              <td>
                {count(row.line)}
                {row.where && <small>{row.where}</small>}
              </td>
              <td>{row.reason}</td>
              <td>{row.expected ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {pages.hasNextPage && (
        <Button size="compact-xs" variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          Show more
        </Button>
      )}
    </div>
  );
}
