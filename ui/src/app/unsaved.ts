/** Work that is only in this page yet. While there is any, leaving the page asks first. */
import { useSyncExternalStore } from 'react';

const counts = new Map<string, number>();
const watchers = new Set<() => void>();
let total = 0;

const ask = (event: BeforeUnloadEvent) => event.preventDefault();

/** How many pieces of work of this kind (`answers`, `drafts`) the server doesn't have yet. */
export function setUnsaved(kind: string, count: number): void {
  counts.set(kind, count);
  const next = [...counts.values()].reduce((sum, each) => sum + each, 0);
  if (next === total) return;
  if (!total) window.addEventListener('beforeunload', ask);
  if (!next) window.removeEventListener('beforeunload', ask);
  total = next;
  watchers.forEach((tell) => tell());
}

export const useUnsaved = (): number =>
  useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
    () => total,
  );
