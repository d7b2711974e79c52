import { expect, it } from 'vitest';
import { amend, begin, redo, step, undo } from './history';

it('undoes and redoes in order', () => {
  const history = step(step(begin(1), 2), 3);
  expect(undo(undo(history)).now).toBe(1);
  expect(redo(undo(history)).now).toBe(3);
  expect(undo(undo(undo(history))).now).toBe(1);
});

it('forgets what was undone once something new is done', () => {
  expect(redo(step(undo(step(begin(1), 2)), 9)).now).toBe(9);
});

it('keeps an amended step as one step', () => {
  expect(undo(amend(step(begin('a'), 'ab'), 'abc')).now).toBe('a');
});

it('has no limit', () => {
  let history = begin(0);
  for (let value = 1; value <= 20_000; value++) history = step(history, value);
  for (let count = 0; count < 20_000; count++) history = undo(history);
  expect(history.now).toBe(0);
  expect(history.past).toBeNull();
});
