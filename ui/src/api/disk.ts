/** Whether the server can write: known from its answers, so that every page can say so and not only the one that met it. */
import { useSyncExternalStore } from 'react';
import type { Problem } from './problem';

/** So long after the last refusal nothing is said any more: somebody who only reads would never hear that it is over. */
const FORGOTTEN_AFTER_MS = 60_000;

let problem: Problem | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
const watchers = new Set<() => void>();

function set(next: Problem | null): void {
  clearTimeout(timer);
  if (next) timer = setTimeout(() => set(null), FORGOTTEN_AFTER_MS);
  if (next === problem) return;
  problem = next;
  watchers.forEach((tell) => tell());
}

/** The server refused since it can't write. */
export const diskRefused = (refusal: Problem) => set(refusal);

/** The server wrote something. */
export const diskWrote = () => set(null);

/** The latest refusal, null while all is well. */
export const useDiskProblem = (): Problem | null =>
  useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
    () => problem,
  );
