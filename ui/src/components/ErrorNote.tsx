import { Button } from '@mantine/core';
import { asProblem } from '../api/problem';
import css from './states.module.css';

/** An error where it happened: what happened, what was kept, what to do. */
export function ErrorNote({ error, retry, close }: { error: unknown; retry?: () => void; close?: () => void }) {
  const problem = asProblem(error);
  // What failed to load once is not asked for again by the browser.
  const again = problem.code === 'unloaded' ? () => location.reload() : retry;
  return (
    <div className={css.error} role="alert">
      <strong>{problem.title}</strong>
      {problem.detail && problem.detail !== problem.title && <p>{problem.detail}</p>}
      {problem.errors.length > 0 && (
        <ul>
          {problem.errors.slice(0, 20).map((each, index) => (
            <li key={index}>
              {each.where && <b>{each.where}: </b>}
              {each.why}
              {each.expected && <> Expected {each.expected}.</>}
            </li>
          ))}
        </ul>
      )}
      {problem.kept && <p>{problem.kept}</p>}
      {problem.remedy && <p>{problem.remedy}</p>}
      {(again || close || problem.status === 404) && (
        <div className={css.actions}>
          {problem.status === 404 && (
            <Button size="xs" variant="default" component="a" href="/">
              Go home
            </Button>
          )}
          {again && (
            <Button size="xs" variant="default" onClick={again}>
              {problem.code === 'unloaded' ? 'Load anew' : 'Try again'}
            </Button>
          )}
          {close && (
            <Button size="xs" variant="subtle" onClick={close}>
              Close
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
