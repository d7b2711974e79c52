/**
 * Keys. A view lists what it answers to with `useKeys`; the list of keys (`?`) and the palette (Ctrl+K) read the same
 * list, so nothing is bound that can't be found.
 */
import { useEffect, useRef, useSyncExternalStore } from 'react';

export interface Binding {
  /** `Enter`, `mod+z`, `shift+n`, `alt+ArrowRight`, `?`; mod is Ctrl, or ⌘ on a Mac. The first is the one shown. */
  keys: string | string[];
  label: string;
  group?: string;
  run: (event: KeyboardEvent) => void;
  /** Also while the person types in a field. */
  whileTyping?: boolean;
  /** Shown in the list as one line with others, by the text given here (`1–9`). Empty: not listed. */
  listed?: string;
  /** Not offered in the palette, for keys that only make sense as keys (arrows). */
  keyOnly?: boolean;
}

const isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? '');

/** The names an event answers to: by the character it types, then by its place on the keyboard (other layouts, other scripts). */
export function combos(event: Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string[] {
  const character = event.key.length === 1;
  const letter = character && event.key.toLowerCase() !== event.key.toUpperCase();
  // For a printed sign Shift is part of the sign itself: "?" is "?", whatever typed it.
  const shift = event.shiftKey && (!character || letter || event.key === ' ');
  const held = `${event.ctrlKey || event.metaKey ? 'mod+' : ''}${event.altKey ? 'alt+' : ''}`;
  const names = [`${held}${shift ? 'shift+' : ''}${character ? event.key.toLowerCase() : event.key}`];
  const place = /^(?:Key([A-Z])|Digit(\d))$/.exec(event.code);
  const ascii = /^[a-z0-9]$/i.test(event.key);
  if (place && !ascii) names.push(place[1] ? `${held}${event.shiftKey ? 'shift+' : ''}${place[1].toLowerCase()}` : `${held}${place[2]}`);
  return names;
}

/** The keys of a binding as a person reads them: `["Ctrl", "Shift", "Z"]`. */
export function spoken(keys: string): string[] {
  const names: Record<string, string> = {
    mod: isMac ? '⌘' : 'Ctrl', shift: 'Shift', alt: isMac ? '⌥' : 'Alt', arrowright: '→', arrowleft: '←', arrowup: '↑', arrowdown: '↓',
    delete: 'Del', escape: 'Esc', ' ': 'Space',
  };
  return keys.split('+').map((key) => names[key.toLowerCase()] ?? (key.length === 1 ? key.toUpperCase() : key));
}

interface Layer {
  bindings: Binding[];
}
const layers: Layer[] = [];
const watchers = new Set<() => void>();
let version = 0;
const changed = () => {
  version++;
  watchers.forEach((tell) => tell());
};

/** The key a binding is shown by. */
export const firstKey = (binding: Binding) => (typeof binding.keys === 'string' ? binding.keys : binding.keys[0]!);
const answers = (binding: Binding, names: string[]) =>
  typeof binding.keys === 'string' ? names.includes(binding.keys) : binding.keys.some((key) => names.includes(key));

function typingIn(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.tagName === 'TEXTAREA' || target.tagName === 'SELECT') return true;
  return target instanceof HTMLInputElement && !/^(radio|checkbox|button|range|file)$/.test(target.type);
}

/** A control that has its own use for Enter and Space keeps it. */
const pressable = (target: EventTarget | null) =>
  target instanceof HTMLElement && !!target.closest('button:not([role=radio], [role=checkbox]), a[href], summary, [role=button], [role=tab], [role=menuitem], [role=option], [role=switch]');

/** A menu that is open takes all keys; a list that is a page's content (`data-page-keys`) takes its own only. */
function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const target = event.target;
  if (target instanceof Element && target.closest('[role=menu], [role=listbox]:not([data-page-keys])')) return;
  if (document.querySelector('[aria-modal=true]')) return;
  const names = combos(event);
  if ((names[0] === 'Enter' || names[0] === ' ') && pressable(target)) return;
  const typing = typingIn(target);
  for (let i = layers.length - 1; i >= 0; i--) {
    const found = layers[i]!.bindings.find((binding) => answers(binding, names) && (!typing || binding.whileTyping));
    if (found) {
      event.preventDefault();
      found.run(event);
      return;
    }
  }
}

/** Answers to keys while the component is mounted; the component mounted last is asked first. */
export function useKeys(bindings: Binding[]): void {
  const layer = useRef<Layer>({ bindings }).current;
  layer.bindings = bindings;
  useEffect(() => {
    if (!layers.length) window.addEventListener('keydown', onKeyDown);
    layers.push(layer);
    changed();
    return () => {
      layers.splice(layers.indexOf(layer), 1);
      if (!layers.length) window.removeEventListener('keydown', onKeyDown);
      changed();
    };
  }, [layer]);
}

/** Everything that can be done by key right now, the view's own first. */
export function useBindings(): Binding[] {
  useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
    () => version,
  );
  return layers.toReversed().flatMap((layer) => layer.bindings);
}
