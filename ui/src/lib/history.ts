/** Undo and redo without limit over immutable values; a step costs one cell whatever came before it. */
interface Cell<T> {
  value: T;
  rest: Cell<T> | null;
}
export interface History<T> {
  past: Cell<T> | null;
  now: T;
  future: Cell<T> | null;
}

export const begin = <T>(now: T): History<T> => ({ past: null, now, future: null });

/** A new present. The same value again is no step. */
export const step = <T>(history: History<T>, now: T): History<T> =>
  now === history.now ? history : { past: { value: history.now, rest: history.past }, now, future: null };

/** A new present in the same step, for changes that belong together (typing in one go). */
export const amend = <T>(history: History<T>, now: T): History<T> => ({ ...history, now, future: null });

export const undo = <T>(history: History<T>): History<T> =>
  history.past ? { past: history.past.rest, now: history.past.value, future: { value: history.now, rest: history.future } } : history;

export const redo = <T>(history: History<T>): History<T> =>
  history.future ? { past: { value: history.now, rest: history.past }, now: history.future.value, future: history.future.rest } : history;
