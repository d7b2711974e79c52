/** The high-water mark: what is on screen, from every view and panel that shows marked content. */
import { useId, useLayoutEffect, useSyncExternalStore } from 'react';
import type { MarkingOut } from '../api/types';

const shown = new Map<string, MarkingOut[]>();
const watchers = new Set<() => void>();
let distinct: MarkingOut[] = [];

function changed(): void {
  const byText = new Map([...shown.values()].flat().map((marking) => [marking.text, marking]));
  const next = [...byText.values()].sort((a, b) => (a.text < b.text ? -1 : 1));
  if (next.length === distinct.length && next.every((marking, index) => marking.text === distinct[index]!.text)) return;
  distinct = next;
  watchers.forEach((tell) => tell());
}

/** Tells the banner that content with these markings is on screen for as long as the component is mounted. */
export function useMarkings(markings: readonly (MarkingOut | null | undefined)[]): void {
  const id = useId();
  const key = markings.map((marking) => marking?.text).join('\n');
  // Layout effects: content and banner change in the same frame.
  useLayoutEffect(() => {
    shown.set(id, markings.filter((marking) => marking != null));
    changed();
  }, [id, key]);
  useLayoutEffect(
    () => () => {
      shown.delete(id);
      changed();
    },
    [id],
  );
}

/** The distinct markings on screen, in a fixed order. */
export const useShownMarkings = (): MarkingOut[] =>
  useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
    () => distinct,
  );
