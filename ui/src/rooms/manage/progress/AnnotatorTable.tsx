import { useMemo, useState } from 'react';
import type { ProgressOut } from '../../../api/types';
import { ago, count, duration } from '../figures';
import classes from './progress.module.css';

type Annotator = ProgressOut['annotators'][number];
type Column = 'name' | 'answers' | 'agreement' | 'seconds' | 'seen';

const VALUE: Record<Column, (row: Annotator) => string | number> = {
  name: (row) => row.person.name.toLowerCase(),
  answers: (row) => row.answers,
  agreement: (row) => row.agreement_with_consensus ?? -1,
  seconds: (row) => row.median_seconds ?? -1,
  seen: (row) => row.last_at ?? '',
};
const TITLES: Record<Column, string> = { name: 'Person', answers: 'Answers', agreement: 'Agrees with consensus', seconds: 'Median time', seen: 'Last answer' };
const COLUMNS = Object.keys(TITLES) as Column[];

/** One row a person; every column sorts. */
export function AnnotatorTable({ annotators, at }: { annotators: readonly Annotator[]; at: Date }) {
  const [sort, setSort] = useState<{ by: Column; down: boolean }>({ by: 'answers', down: true });
  const rows = useMemo(() => {
    const value = VALUE[sort.by];
    const way = sort.down ? -1 : 1;
    return annotators.toSorted((a, b) => (value(a) < value(b) ? -way : value(a) > value(b) ? way : 0));
  }, [annotators, sort]);
  if (!annotators.length) return <p className={classes.muted}>Nobody has answered yet.</p>;
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label="Annotators">
      <table className={classes.figures}>
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <th key={column} scope="col" data-number={column !== 'name' || undefined} aria-sort={sort.by === column ? (sort.down ? 'descending' : 'ascending') : undefined}>
                <button type="button" onClick={() => setSort({ by: column, down: sort.by === column ? !sort.down : column !== 'name' })}>
                  {TITLES[column]}
                  <span aria-hidden="true">{sort.by === column ? (sort.down ? ' ↓' : ' ↑') : ''}</span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.person.id}>
              <th scope="row">
                {row.person.name} <span className={classes.login}>{row.person.login}</span>
              </th>
              <td data-number>{count(row.answers)}</td>
              <td data-number>{row.agreement_with_consensus === null ? '–' : `${Math.round(row.agreement_with_consensus * 100)}%`}</td>
              <td data-number>{duration(row.median_seconds)}</td>
              <td data-number title={row.last_at ? new Date(row.last_at).toLocaleString('en-GB') : undefined}>
                {ago(row.last_at, at)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
