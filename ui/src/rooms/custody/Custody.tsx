import { Button, Skeleton, TextInput } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { $api, clientAt } from '../../api/client';
import { useSession } from '../../api/session';
import type { RemarkingOut } from '../../api/types';
import { useMarkings } from '../../app/markings';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNote } from '../../components/ErrorNote';
import { Key } from '../../components/Key';
import { MarkingBadge } from '../../components/MarkingBadge';
import { Note } from '../../components/Note';
import { Card, Page } from '../../components/Page';
import { useKeys } from '../../lib/keys';
import { paged } from '../manage/paged';
import { moment } from './ActsTable';
import { kindName } from './kinds';
import css from './custody.module.css';

/** What waits for a security officer: spills, and requests for another marking. Others see what they asked for. */
export function Custody() {
  const { person } = useSession();
  const officer = person.duties.includes('security_officer');
  return (
    <Page title="Custody" sub={officer ? 'Where things are, and what to do when they are where they shouldn’t be' : undefined}>
      <Finder />
      <Requests officer={officer} me={person.id} />
      {officer && <Spills />}
    </Page>
  );
}

/** To a thing by its kind and id, as logs and reports name it. */
function Finder() {
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const box = useRef<HTMLInputElement>(null);
  const [kind = '', thingId = ''] = text.trim().split('/');
  useKeys([{ keys: '/', label: 'Find a thing by its id', group: 'Custody', run: () => box.current?.focus() }]);
  return (
    <form
      className={css.finder}
      onSubmit={(event) => {
        event.preventDefault();
        if (kind && thingId) void navigate({ to: '/trace/$kind/$thingId', params: { kind, thingId } });
      }}
    >
      <TextInput ref={box} label="Find a thing" description="As logs and reports name it: its kind, a slash, its id" placeholder="task/0a1b2c…" spellCheck={false} autoComplete="off" rightSection={<Key k="/" />} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <Button type="submit" variant="default" disabled={!kind || !thingId}>
        Trace it
      </Button>
    </form>
  );
}

function Requests({ officer, me }: { officer: boolean; me: string }) {
  const queries = useQueryClient();
  const [said, setSaid] = useState('');
  const pages = $api.useInfiniteQuery('get', '/api/v1/remarkings', { params: { query: { state: officer ? 'asked' : null, limit: 50 } } }, paged);
  const items = pages.data?.pages.flatMap((page) => page.items) ?? [];
  useMarkings(items.map((item) => item.marking));
  return (
    <Card title={officer ? 'Other markings that wait for a second person' : 'Other markings that you asked for'}>
      {said && <Note tone="good">{said}</Note>}
      {pages.error && <ErrorNote error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isPending && !pages.error && <Skeleton height={60} radius={6} />}
      {pages.data && items.length === 0 && <p className={css.quiet}>{officer ? 'Nothing waits for a second person.' : 'You have asked for none. A thing’s own page has “Marked wrongly?”.'}</p>}
      {items.length > 0 && (
        <ul className={css.groups}>
          {items.map((item) => (
            <Request
              key={item.id}
              item={item}
              decides={officer && item.asked_by.id !== me && item.state === 'asked'}
              own={item.asked_by.id === me}
              done={(message) => {
                setSaid(message);
                void queries.invalidateQueries();
              }}
            />
          ))}
        </ul>
      )}
      {pages.hasNextPage && (
        <Button size="xs" variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Card>
  );
}

function Request({ item, decides, own, done }: { item: RemarkingOut; decides: boolean; own: boolean; done: (message: string) => void }) {
  const [busy, setBusy] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const act = async (verb: 'approve' | 'refuse') => {
    setBusy(verb);
    setError(null);
    try {
      await clientAt(item.marking.text).POST(`/api/v1/remarkings/{remarking_id}/${verb}`, { params: { path: { remarking_id: item.id } } });
      done(verb === 'approve' ? `The ${kindName(item.kind)} is marked ${item.to.text} now.` : 'Refused: it stays as it is.');
    } catch (problem) {
      setError(problem);
      setBusy(null);
    }
  };
  return (
    <li className={css.request}>
      <div className={css.groupHead}>
        <Link to="/trace/$kind/$thingId" params={{ kind: item.kind, thingId: item.thing_id }}>
          {kindName(item.kind)} {item.thing_id.slice(0, 8)}
        </Link>
        <span className={css.marks}>
          <MarkingBadge marking={item.marking} /> → <MarkingBadge marking={item.to} />
        </span>
        <span className={css.quiet}>
          {item.state === 'asked' ? 'asked' : item.state} by {item.asked_by.name}, {moment(item.asked_at)}
        </span>
      </div>
      <p>{item.reason}</p>
      {decides && (
        <div className={css.choices}>
          <Button size="xs" loading={busy === 'approve'} onClick={() => void act('approve')}>
            Agree: mark it {item.to.portion}
          </Button>
          <Button size="xs" variant="default" loading={busy === 'refuse'} onClick={() => void act('refuse')}>
            Refuse
          </Button>
        </div>
      )}
      {own && item.state === 'asked' && <p className={css.quiet}>You asked for this yourself: another security officer has to agree.</p>}
      {error != null && <ErrorNote error={error} close={() => setError(null)} />}
    </li>
  );
}

function Spills() {
  const pages = $api.useInfiniteQuery('get', '/api/v1/spills', { params: { query: { limit: 50 } } }, paged);
  const items = pages.data?.pages.flatMap((page) => page.items) ?? [];
  useMarkings(items.map((item) => item.marking));
  return (
    <Card title="Spills">
      {pages.error && <ErrorNote error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isPending && !pages.error && <Skeleton height={60} radius={6} />}
      {pages.data && items.length === 0 && <EmptyState title="No spill was reported" hint="When something is marked too low, or should not be here: open its page (find it above, or from its task or dataset) and report it under “Marked wrongly?”. It is out of everyone’s sight at once." />}
      {items.length > 0 && (
        <ul className={css.groups} aria-label="Spills">
          {items.map((spill) => (
            <li key={spill.id} className={css.request}>
              <div className={css.groupHead}>
                <Link to="/custody/spills/$spillId" params={{ spillId: spill.id }}>
                  {kindName(spill.kind)} {spill.thing_id.slice(0, 8)}
                </Link>
                <MarkingBadge marking={spill.marking} />
                <em className={css.state} data-open={spill.open || undefined}>
                  {spill.open ? 'open' : 'closed'}
                </em>
                <span className={css.quiet}>
                  by {spill.reported_by.name}, {moment(spill.reported_at)}
                </span>
              </div>
              <p>{spill.reason}</p>
            </li>
          ))}
        </ul>
      )}
      {pages.hasNextPage && (
        <Button size="xs" variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Card>
  );
}
