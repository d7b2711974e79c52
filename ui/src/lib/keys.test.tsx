import { fireEvent, render, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import type { FieldOut } from '../api/types';
import { combos, spoken, useKeys, type Binding } from './keys';
import { keysOf, labelName } from './labelKeys';

const press = (key: string, code = '', held: Partial<Record<'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey', boolean>> = {}) =>
  combos({ key, code, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

describe('names of a key press', () => {
  it('say what is held', () => {
    expect(press('Z', 'KeyZ', { ctrlKey: true, shiftKey: true })).toContain('mod+shift+z');
    expect(press('ArrowLeft', 'ArrowLeft', { altKey: true })).toEqual(['alt+ArrowLeft']);
  });

  it('take a sign as it is, whatever typed it', () => {
    expect(press('?', 'Slash', { shiftKey: true })).toEqual(['?']);
    expect(press('/', 'Digit7', { shiftKey: true })[0]).toBe('/');
  });

  it('fall back to the place of the key in other scripts and layouts', () => {
    expect(press('ы', 'KeyS')).toContain('s');
    expect(press('&', 'Digit1')).toContain('1');
    expect(press('٣', 'Digit3')).toContain('3');
  });

  it('are shown as they stand on the keyboard', () => {
    expect(spoken('mod+shift+z')).toEqual(['Ctrl', 'Shift', 'Z']);
    expect(spoken('ArrowRight')).toEqual(['→']);
  });
});

function Bound({ bindings }: { bindings: Binding[] }) {
  useKeys(bindings);
  return (
    <>
      <input aria-label="field" />
      <button type="button">press</button>
      <button type="button" role="radio" aria-checked="false">
        choice
      </button>
    </>
  );
}

describe('bound keys', () => {
  const run = () => vi.fn<(event: KeyboardEvent) => void>();

  it('are quiet while one types, except those meant for it', () => {
    const letter = run();
    const undo = run();
    render(<Bound bindings={[{ keys: 's', label: 'skip', run: letter }, { keys: 'mod+z', label: 'undo', whileTyping: true, run: undo }]} />);
    fireEvent.keyDown(screen.getByLabelText('field'), { key: 's' });
    fireEvent.keyDown(screen.getByLabelText('field'), { key: 'z', ctrlKey: true });
    expect(letter).not.toHaveBeenCalled();
    expect(undo).toHaveBeenCalledOnce();
    fireEvent.keyDown(document.body, { key: 's' });
    expect(letter).toHaveBeenCalledOnce();
  });

  it('leave Enter to a focused button, but not to a choice', () => {
    const submit = run();
    render(<Bound bindings={[{ keys: 'Enter', label: 'submit', run: submit }]} />);
    fireEvent.keyDown(screen.getByText('press'), { key: 'Enter' });
    expect(submit).not.toHaveBeenCalled();
    fireEvent.keyDown(screen.getByText('choice'), { key: 'Enter' });
    expect(submit).toHaveBeenCalledOnce();
  });

  it('are left to an open menu, and shared with a list that is the page’s own', () => {
    const search = run();
    render(
      <>
        <div role="listbox" aria-label="menu" tabIndex={0} />
        <div role="listbox" aria-label="tasks" tabIndex={0} data-page-keys />
        <Bound bindings={[{ keys: '/', label: 'search', run: search }]} />
      </>,
    );
    fireEvent.keyDown(screen.getByLabelText('menu'), { key: '/' });
    expect(search).not.toHaveBeenCalled();
    fireEvent.keyDown(screen.getByLabelText('tasks'), { key: '/' });
    expect(search).toHaveBeenCalledOnce();
  });

  it('are asked from the view mounted last', () => {
    const outer = run();
    const inner = run();
    render(
      <>
        <Bound bindings={[{ keys: 'x', label: 'outer', run: outer }]} />
      </>,
    );
    const { unmount } = render(<Bound bindings={[{ keys: 'x', label: 'inner', run: inner }]} />);
    fireEvent.keyDown(document.body, { key: 'x' });
    expect([outer.mock.calls.length, inner.mock.calls.length]).toEqual([0, 1]);
    unmount();
    fireEvent.keyDown(document.body, { key: 'x' });
    expect(outer).toHaveBeenCalledOnce();
  });

  it('rest while a dialog is open', () => {
    const skip = run();
    render(
      <>
        <Bound bindings={[{ keys: 's', label: 'skip', run: skip }]} />
        <div role="dialog" aria-modal="true" />
      </>,
    );
    fireEvent.keyDown(document.body, { key: 's' });
    expect(skip).not.toHaveBeenCalled();
  });
});

describe('keys of labels', () => {
  const labels = (count: number, key?: string) => Array.from({ length: count }, (_, index) => ({ id: `l${index}`, title: `L${index}`, key: index === 0 ? key : undefined }));
  const field = (key: string, count: number, own?: string) => ({ key, kind: 'class', title: key, required: true, multiple: false, labels: labels(count, own) }) as FieldOut;

  it('run from 1 to 9, then through letters the desk has no use for', () => {
    const keys = keysOf([field('a', 12)]);
    expect(labelName('a', 'l8') && keys.key.get('a/l8')).toBe('9');
    expect(['a/l9', 'a/l10', 'a/l11'].map((name) => keys.key.get(name))).toEqual(['a', 'b', 'c']);
    expect([...'sfgrnwx'].filter((letter) => keysOf([field('a', 40)]).choice.has(letter))).toEqual([]);
  });

  it('go on in the next field, so that no key means two things', () => {
    const keys = keysOf([field('a', 3), field('b', 2)]);
    expect(keys.choice.get('4')).toEqual({ field: 'b', label: 'l0' });
  });

  it('are those of the form where it gives them', () => {
    const keys = keysOf([field('a', 2), field('b', 2, 'S')]);
    expect(keys.choice.get('s')).toEqual({ field: 'b', label: 'l0' });
    expect(keys.choice.get('3')).toEqual({ field: 'b', label: 'l1' });
  });
});
