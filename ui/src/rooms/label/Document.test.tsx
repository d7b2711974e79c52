import { render } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { Span } from '../../lib/spans';
import { Document, type Looks } from './Document';

const looks: Looks = new Map([
  ['names/PER', { title: 'Person', colour: '#1c7ed6', ink: '#ffffff' }],
  ['names/LOC', { title: 'Place', colour: '#2b8a3e', ink: '#ffffff' }],
]);
const span = (id: string, start: number, end: number, label: string): Span => ({ id, field: 'names', start, end, label });

describe('the document', () => {
  it('shows the text unchanged, whatever is marked in it', () => {
    const text = 'Maria left Rotterdam.\n\nعربي 🚢 <b>not bold</b>\n';
    const { container } = render(<Document text={text} looks={looks} current={null} spans={[span('a', 0, 20, 'PER'), span('b', 11, 20, 'LOC'), span('c', 28, 30, 'LOC')]} />);
    expect(container.textContent).toBe(text);
    expect(container.querySelector('b')).toBeNull();
  });

  it('names every span where it begins, and the innermost is the one to click', () => {
    const { container } = render(<Document text="Maria of Rotterdam" looks={looks} current="b" spans={[span('a', 0, 18, 'PER'), span('b', 9, 18, 'LOC')]} />);
    const marked = [...container.querySelectorAll<HTMLElement>('[data-span]')];
    expect(marked.map((each) => [each.textContent, each.dataset.tag, each.dataset.span, each.dataset.current])).toEqual([
      ['Maria of ', 'Person', 'a', undefined],
      ['Rotterdam', 'Place', 'b', 'true'],
    ]);
  });

  it('leaves no paint on what is marked no more', () => {
    const spans = [span('a', 0, 5, 'PER')];
    const { container, rerender } = render(<Document text="Maria left" looks={looks} current={null} spans={spans} />);
    expect(container.querySelector<HTMLElement>('[data-span]')!.style.length).toBeGreaterThan(0);
    rerender(<Document text="Maria left" looks={looks} current={null} spans={[]} />);
    expect([...container.querySelectorAll<HTMLElement>('[data-o]')].every((each) => !each.style.length)).toBe(true);
  });
});
