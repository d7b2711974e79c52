import { act, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { call } from '../api/client';
import { DiskNotice } from './DiskNotice';

const full = { code: 'storage_full', status: 507, title: 'The disk is full', detail: 'There is no room left to write.', kept: 'Everything acknowledged before is kept.', remedy: 'Free some space.' };

function answers(status: number, body: object = {}) {
  globalThis.fetch = vi.fn(async () => new Response(JSON.stringify(body), { status }));
}
const ask = (method: string) => act(() => call(new Request('http://strongroom.test/api/v1/projects', { method })).catch(() => undefined));

beforeEach(() => void vi.useFakeTimers());
afterEach(async () => {
  answers(200);
  await ask('POST');
  vi.useRealTimers();
});

it('says nothing while all is well', () => {
  render(<DiskNotice />);
  expect(screen.queryByRole('alert')).toBeNull();
});

it('says that nothing can be saved, what is kept and what to do, until the server writes again', async () => {
  render(<DiskNotice />);
  answers(507, full);
  await ask('POST');
  expect(screen.getByRole('alert').textContent).toMatch(/can’t save anything.*no room left.*acknowledged before is kept.*Free some space/);
  answers(200);
  await ask('GET');
  expect(screen.queryByRole('alert')).not.toBeNull();
  await ask('POST');
  expect(screen.queryByRole('alert')).toBeNull();
});

it('is forgotten a minute after the last refusal, for those who only read', async () => {
  render(<DiskNotice />);
  answers(507, full);
  await ask('GET');
  act(() => void vi.advanceTimersByTime(59_000));
  expect(screen.queryByRole('alert')).not.toBeNull();
  act(() => void vi.advanceTimersByTime(2_000));
  expect(screen.queryByRole('alert')).toBeNull();
});
