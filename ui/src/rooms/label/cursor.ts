/**
 * Where one is in the text: a selection that moves by words, and the span one has picked. Not React state: the browser's
 * own selection shows it, so that moving redraws nothing.
 */
import type { Range, Words } from '../../lib/spans';

export interface CursorState {
  /** What is selected, in UTF-16 units; a label's key marks it. */
  range: Range | null;
  /** The span that Del, the ends' keys and a label's key act on while nothing is selected. */
  span: string | null;
  /** The end that Shift with the arrows moves. */
  end: 'start' | 'end';
  /** The label that a selection with the mouse is given at once, as `field/label`. */
  armed: string | null;
}

export class Cursor {
  state: CursorState = { range: null, span: null, end: 'end', armed: null };
  /** The words at the fixed and at the moving side of the selection. */
  private anchor: Range = [0, 0];
  private focus: Range = [0, 0];
  private readonly watchers = new Set<() => void>();
  private root: HTMLElement | null = null;

  constructor(
    readonly text: string,
    private readonly words: () => Words,
  ) {}

  readonly subscribe = (tell: () => void) => {
    this.watchers.add(tell);
    return () => void this.watchers.delete(tell);
  };
  readonly snapshot = (): CursorState => this.state;

  /** The element the text is drawn in. */
  readonly attach = (root: HTMLElement | null) => {
    this.root = root;
  };

  get place(): number {
    return this.state.range?.[0] ?? this.focus[0];
  }

  // --- moving

  /** To the next word in reading order (1) or the one before (-1); `extend` keeps what is selected. */
  word(direction: 1 | -1, extend: boolean): void {
    const words = this.words();
    const from = this.state.range ? this.focus : ([this.place, this.place] as const);
    const next = direction === 1 ? words.after(from[1]) : words.before(from[0]);
    if (next) this.go(next, extend);
  }

  /** To the word nearest above (-1) or below (1) on the screen. */
  line(direction: 1 | -1, extend: boolean): void {
    const here = this.box(this.focus) ?? this.box([this.place, this.place + 1]);
    if (!here) return;
    const middle = (here.left + here.right) / 2;
    const { ranges } = this.words();
    let index = ranges.findIndex((word) => word[1] > this.focus[0]);
    if (index < 0) index = ranges.length - 1;
    let best: { word: Range; top: number; distance: number } | null = null;
    // Words of a line are neighbours, so the search ends one line after it began to find.
    for (index += direction; index >= 0 && index < ranges.length; index += direction) {
      const word = ranges[index]!;
      const box = this.box(word);
      if (!box || Math.abs(box.top - here.top) < here.height / 2) continue;
      if (best && Math.abs(box.top - best.top) > here.height / 2) break;
      const distance = Math.max(box.left - middle, middle - box.right, 0);
      if (!best || distance < best.distance) best = { word, top: box.top, distance };
    }
    if (best) this.go(best.word, extend);
  }

  /** Moves the free end of the selection by one character. */
  character(direction: 1 | -1): void {
    const { range } = this.state;
    if (!range) return;
    const forward = this.focus[1] >= this.anchor[1] && this.focus[0] >= this.anchor[0];
    const moving = forward ? range[1] : range[0];
    const fixed = forward ? range[0] : range[1];
    const next = this.words().characterStep(moving, direction);
    if (next === fixed) return;
    this.select(Math.min(fixed, next), Math.max(fixed, next));
    this.anchor = [fixed, fixed];
    this.focus = [next, next];
  }

  step(offset: number, direction: 1 | -1): number {
    return this.words().characterStep(offset, direction);
  }

  /** The word that begins at or after an offset (the last one where none does). */
  wordAfter(offset: number): Range {
    return this.words().after(offset) ?? [offset, offset];
  }

  /** The word that ends at or before an offset (the first one where none does). */
  wordBefore(offset: number): Range {
    return this.words().before(offset) ?? [offset, offset];
  }

  /** Lets the other end of the selection, or of the picked span, be the one that moves. */
  swap(): void {
    [this.anchor, this.focus] = [this.focus, this.anchor];
    if (this.state.span && !this.state.range) this.set({ end: this.state.end === 'end' ? 'start' : 'end' });
  }

  /** Selects everything between two offsets. */
  select(start: number, end: number): void {
    const words = this.words();
    const first = words.at(start);
    const last = words.at(end - 1);
    this.anchor = first && first[0] >= start && first[1] <= end ? first : [start, start];
    this.focus = last && last[0] >= start && last[1] <= end ? last : [end, end];
    this.set({ range: [start, end], span: null });
    this.show();
  }

  /** Whether the text at the cursor runs from right to left. */
  get rightToLeft(): boolean {
    const line = this.point(this.place, 'start')?.node.parentElement?.closest('[dir]');
    return !!line && getComputedStyle(line).direction === 'rtl';
  }

  private go(word: Range, extend: boolean): void {
    if (!extend || !this.state.range) this.anchor = word;
    this.focus = word;
    this.set({ range: [Math.min(this.anchor[0], word[0]), Math.max(this.anchor[1], word[1])], span: null });
    this.show();
    this.scrollTo(word);
  }

  // --- spans

  /** Picks a span; null for none. `at`: where reading goes on from. */
  pick(span: string | null, at?: number): void {
    if (at !== undefined) this.anchor = this.focus = [at, at];
    this.set({ span, range: null, end: 'end' });
    this.hide();
  }

  arm(label: string | null): void {
    this.set({ armed: label });
  }

  /** Nothing selected, nothing picked, nothing armed. True where something was. */
  clear(): boolean {
    const { range, span, armed } = this.state;
    this.set({ range: null, span: null, armed: null, end: 'end' });
    this.hide();
    return range !== null || span !== null || armed !== null;
  }

  // --- the browser's selection

  /** What the mouse has selected, widened to whole words unless `exactly`; takes it over as the selection. */
  takeMouse(exactly: boolean): Range | null {
    const selection = getSelection();
    if (!selection || selection.isCollapsed || !this.root?.contains(selection.anchorNode) || !this.root.contains(selection.focusNode)) return null;
    const one = this.offset(selection.anchorNode!, selection.anchorOffset);
    const other = this.offset(selection.focusNode!, selection.focusOffset);
    const [start, end] = one < other ? [one, other] : [other, one];
    const range = exactly ? ([start, end] as const) : this.words().snap(start, end);
    if (range && range[0] < range[1]) this.select(range[0], range[1]);
    return range;
  }

  /** Brings an offset into view. */
  reveal(offset: number): void {
    this.scrollTo([offset, offset + 1]);
  }

  private show(): void {
    const { range } = this.state;
    const start = range && this.point(range[0], 'start');
    const end = range && this.point(range[1], 'end');
    if (start && end) getSelection()?.setBaseAndExtent(start.node, start.offset, end.node, end.offset);
  }

  private hide(): void {
    const selection = getSelection();
    if (selection && this.root?.contains(selection.anchorNode)) selection.removeAllRanges();
  }

  private scrollTo(range: Range): void {
    const element = this.point(range[0], 'start')?.node.parentElement;
    const pane = this.root?.closest<HTMLElement>('[data-pane]');
    if (!element || !pane) return;
    const box = this.box(range) ?? element.getBoundingClientRect();
    const view = pane.getBoundingClientRect();
    const margin = 48;
    if (box.top < view.top + margin) pane.scrollTop -= view.top + margin - box.top;
    else if (box.bottom > view.bottom - margin) pane.scrollTop += box.bottom - view.bottom + margin;
  }

  private box(range: Range): DOMRect | null {
    const start = this.point(range[0], 'start');
    const end = this.point(Math.min(range[1], this.text.length), 'end');
    if (!start || !end) return null;
    const dom = document.createRange();
    dom.setStart(start.node, start.offset);
    dom.setEnd(end.node, end.offset);
    return dom.getClientRects()[0] ?? null;
  }

  /** The text node and place in it of an offset; at a boundary the one before (`end`) or after it (`start`). */
  private point(offset: number, side: 'start' | 'end'): { node: Text; offset: number } | null {
    const pieces = this.root?.querySelectorAll<HTMLElement>('[data-o]');
    if (!pieces?.length) return null;
    let low = 0;
    let high = pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const from = Number(pieces[middle]!.dataset.o);
      if (from < offset || (from === offset && side === 'start')) low = middle;
      else high = middle - 1;
    }
    const node = pieces[low]!.firstChild as Text | null;
    return node && { node, offset: Math.min(node.length, Math.max(0, offset - Number(pieces[low]!.dataset.o))) };
  }

  private offset(node: Node, at: number): number {
    if (node.nodeType === Node.TEXT_NODE) return Number(node.parentElement!.closest<HTMLElement>('[data-o]')?.dataset.o ?? 0) + at;
    // Between elements: the beginning of what follows, or the end of all.
    const following = node.childNodes[at];
    const inside = (following instanceof HTMLElement ? following : null)?.closest<HTMLElement>('[data-o]') ?? (following instanceof HTMLElement ? following.querySelector<HTMLElement>('[data-o]') : null);
    if (inside) return Number(inside.dataset.o);
    const own = (node as HTMLElement).closest<HTMLElement>('[data-o]');
    if (own) return Number(own.dataset.o) + (at ? (own.textContent?.length ?? 0) : 0);
    return this.text.length;
  }

  private set(change: Partial<CursorState>): void {
    this.state = { ...this.state, ...change };
    this.watchers.forEach((tell) => tell());
  }
}
