import { render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { Problem } from '../../api/problem';
import type { DraftState } from './autosave';
import type { OutboxState } from './outbox';
import { SaveState } from './SaveState';
import type { Work } from './work';

const quiet: OutboxState = { waiting: 0, problem: null, retryAt: null };
const problem = new Problem({ status: 507, title: 'The disk of the server is full' });

function said(draft: DraftState, outbox = quiet, lastSentAt: string | null = null): string {
  render(<SaveState work={{ draft } as Work} outbox={outbox} lastSentAt={lastSentAt} onRetry={() => {}} />);
  return screen.getByTestId('save-state').textContent!;
}

it.each([
  ['nothing was done', { state: 'none' }, quiet, /^Nothing to save yet$/],
  ['a draft is on its way', { state: 'saving' }, quiet, /^Saving…$/],
  ['the server has the draft', { state: 'saved', at: '2031-01-01T10:00:00' }, quiet, /^Draft saved 10:00:00$/],
  ['the draft can’t be saved', { state: 'failed', problem, retryAt: Date.now() + 4000 }, quiet, /^Draft not saved: The disk of the server is full\.Trying again in \d s\./],
  ['an answer is on its way', { state: 'none' }, { ...quiet, waiting: 1 }, /^Sending the answer…$/],
  ['answers can’t be sent, whatever the draft says', { state: 'saved', at: '2031-01-01T10:00:00' }, { waiting: 2, problem, retryAt: null }, /^2 answers not sent: .*Trying…/],
] as [string, DraftState, OutboxState, RegExp][])('says so when %s', (_, draft, outbox, words) => {
  expect(said(draft, outbox)).toMatch(words);
});

it('calls an answer sent only with the server’s time for it', () => {
  expect(said({ state: 'none' }, quiet, '2031-01-01T10:00:00')).toBe('Answer sent 10:00:00');
});
