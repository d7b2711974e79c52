import { expect, it } from 'vitest';
import { asProblem, Problem, withoutTitle } from './problem';

it.each(['Unable to preload CSS for http://here/assets/Meter-1.css', 'Failed to fetch dynamically imported module: http://here/assets/Home-1.js', 'Importing a module script failed.'])(
  'says of a view that didn’t load what to do: %s',
  (message) => {
    const problem = asProblem(new Error(message));
    expect(problem.code).toBe('unloaded');
    expect(problem.detail).not.toContain('http');
  },
);

it('leaves other errors as they are', () => {
  expect(asProblem(new Error('x is undefined'))).toMatchObject({ code: 'client', detail: 'x is undefined' });
});

it('heads a refused sign-in with what was refused', () => {
  expect(withoutTitle(new Problem({ status: 401, title: 'Sign in first', detail: 'Login or password is wrong.' }))).toMatchObject({ title: 'Login or password is wrong.', detail: '' });
  expect(withoutTitle(new Problem({ status: 503, title: 'Later', detail: 'Busy.' }))).toMatchObject({ title: 'Later', detail: 'Busy.' });
});
