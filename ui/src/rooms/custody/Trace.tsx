import { Button, Menu, Skeleton } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { $api } from '../../api/client';
import type { TraceGroup, TraceOut } from '../../api/types';
import { useMarkings } from '../../app/markings';
import { ErrorNote } from '../../components/ErrorNote';
import { Key } from '../../components/Key';
import { MarkingBadge } from '../../components/MarkingBadge';
import { Note } from '../../components/Note';
import { Card, Page } from '../../components/Page';
import { useKeys } from '../../lib/keys';
import { paged } from '../manage/paged';
import { ActsTable } from './ActsTable';
import { Drawing } from './Drawing';
import { capital, counted, kindName } from './kinds';
import { keyOf, layOut } from './layout';
import { RemarkDialog } from './RemarkDialog';
import { SpillDialog } from './SpillDialog';
import css from './custody.module.css';

/** Where one thing came from, where it went, and who saw it. */
export function Trace() {
  const { kind, thingId } = useParams({ strict: false }) as { kind: string; thingId: string };
  const trace = $api.useQuery('get', '/api/v1/trace/{kind}/{thing_id}', { params: { path: { kind, thing_id: thingId } } });
  const data = trace.data;
  useMarkings([data?.thing.marking, ...(data?.groups.flatMap((group) => group.markings.map((each) => each.marking)) ?? [])]);
  return (
    <Page
      title={data ? `${capital(kindName(kind))}${data.thing.name ? ` ${data.thing.name}` : ''}` : capital(kindName(kind))}
      sub={data && <MarkingBadge marking={data.thing.marking} full />}
      actions={data && <Wrong key={thingId} trace={data} />}
    >
      {trace.error && <ErrorNote error={trace.error} retry={() => void trace.refetch()} />}
      {trace.isPending && !trace.error && <Skeleton height={260} radius={8} />}
      {data && <Traced key={thingId} trace={data} />}
    </Page>
  );
}

function Traced({ trace }: { trace: TraceOut }) {
  const [open, setOpen] = useState<string | null>(null);
  const choose = (key: string) => {
    setOpen(key);
    document.getElementById(`group-${key}`)?.scrollIntoView({ block: 'nearest' });
    document.getElementById(`group-${key}`)?.querySelector('button')?.focus({ preventScroll: true });
  };
  const { boxes } = layOut(trace.thing.kind, trace.groups, trace.links);
  const columnOf = (group: TraceGroup) => boxes.get(keyOf(group))?.column ?? 0;
  const side = (which: 'from' | 'to') => trace.groups.filter((group) => group.side === which).sort((a, b) => columnOf(a) - columnOf(b) || (a.kind < b.kind ? -1 : 1));
  return (
    <>
      <p className={css.lead}>
        <code>
          {trace.thing.kind}/{trace.thing.id}
        </code>{' '}
        · What you see here is what you may see.{' '}
        {trace.project_id && (
          <Link to="/projects/$projectId" params={{ projectId: trace.project_id }} search={trace.thing.kind === 'task' ? { tab: 'tasks' } : { tab: 'data' }}>
            To its project
          </Link>
        )}
      </p>
      <Card title="From where to where">
        {trace.groups.length ? <Drawing trace={trace} chosen={open} choose={choose} /> : <p className={css.quiet}>It came from nothing and nothing came of it, as far as you may see.</p>}
      </Card>
      {(['from', 'to'] as const).map((which) => (
        <Card key={which} title={which === 'from' ? 'Came from' : 'Went into'}>
          {side(which).length === 0 && <p className={css.quiet}>Nothing that you may see.</p>}
          <ul className={css.groups}>
            {side(which).map((group) => (
              <GroupItem key={keyOf(group)} trace={trace} group={group} open={open === keyOf(group)} toggle={() => setOpen(open === keyOf(group) ? null : keyOf(group))} />
            ))}
          </ul>
        </Card>
      ))}
      {trace.may_see_who && <Acts kind={trace.thing.kind} thingId={trace.thing.id} />}
    </>
  );
}

function GroupItem({ trace, group, open, toggle }: { trace: TraceOut; group: TraceGroup; open: boolean; toggle: () => void }) {
  const key = keyOf(group);
  return (
    <li id={`group-${key}`} className={css.group}>
      <div className={css.groupHead}>
        {group.only ? (
          <Link to="/trace/$kind/$thingId" params={{ kind: group.kind, thingId: group.only.id }}>
            {capital(kindName(group.kind))} {group.only.name ?? group.only.id.slice(0, 8)}
          </Link>
        ) : (
          <button type="button" className={css.toggle} aria-expanded={open} onClick={toggle}>
            {capital(counted(group.things, group.kind, group.more))}
          </button>
        )}
        <span className={css.marks}>
          {group.markings.map(({ marking, things }) => (
            <span key={marking.text}>
              <MarkingBadge marking={marking} /> {group.markings.length > 1 && things}
            </span>
          ))}
        </span>
      </div>
      {open && !group.only && <Members trace={trace} group={group} />}
    </li>
  );
}

function Members({ trace, group }: { trace: TraceOut; group: TraceGroup }) {
  const pages = $api.useInfiniteQuery(
    'get',
    '/api/v1/trace/{kind}/{thing_id}/{side}/{of_kind}',
    { params: { path: { kind: trace.thing.kind, thing_id: trace.thing.id, side: group.side, of_kind: group.kind }, query: { limit: 50 } } },
    paged,
  );
  if (pages.error) return <ErrorNote error={pages.error} retry={() => void pages.refetch()} />;
  if (pages.isPending) return <Skeleton height={60} radius={6} />;
  return (
    <>
      <ul className={css.members}>
        {pages.data.pages
          .flatMap((page) => page.items)
          .map((each) => (
            <li key={each.id}>
              <MarkingBadge marking={each.marking} />
              <Link to="/trace/$kind/$thingId" params={{ kind: each.kind, thingId: each.id }}>
                {each.name ?? each.id}
              </Link>
            </li>
          ))}
      </ul>
      {pages.hasNextPage && (
        <Button size="compact-xs" variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          Show more
        </Button>
      )}
    </>
  );
}

function Acts({ kind, thingId }: { kind: string; thingId: string }) {
  const pages = $api.useInfiniteQuery('get', '/api/v1/trace/{kind}/{thing_id}/acts', { params: { path: { kind, thing_id: thingId }, query: { limit: 50 } } }, paged);
  return (
    <Card title="Who saw it, or did something about it">
      {pages.error && <ErrorNote error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isPending && !pages.error && <Skeleton height={60} radius={6} />}
      {pages.data && <ActsTable acts={pages.data.pages.flatMap((page) => page.items)} />}
      {pages.hasNextPage && (
        <Button size="xs" variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Card>
  );
}

/** What can be done about a thing that is marked wrongly. */
function Wrong({ trace }: { trace: TraceOut }) {
  const queries = useQueryClient();
  const [dialog, setDialog] = useState<'remark' | 'spill' | null>(null);
  const [said, setSaid] = useState('');
  useKeys([
    ...(trace.may_remark ? [{ keys: 'm', label: 'Give it another marking', group: 'This thing', run: () => setDialog('remark') }] : []),
    ...(trace.may_report ? [{ keys: '', label: 'Report a spill', group: 'This thing', run: () => setDialog('spill') }] : []),
  ]);
  if (!trace.may_remark && !trace.may_report) return null;
  return (
    <>
      {said && <Note tone="good">{said}</Note>}
      <Menu position="bottom-end" withinPortal withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <Button variant="default">Marked wrongly?</Button>
        </Menu.Target>
        <Menu.Dropdown>
          {trace.may_remark && (
            <Menu.Item rightSection={<Key k="m" />} onClick={() => setDialog('remark')}>
              Give it another marking…
            </Menu.Item>
          )}
          {trace.may_report && (
            <Menu.Item className={css.grave} onClick={() => setDialog('spill')}>
              Report a spill…
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {dialog === 'remark' && (
        <RemarkDialog
          thing={trace.thing}
          close={() => setDialog(null)}
          done={(message) => {
            setSaid(message);
            void queries.invalidateQueries();
          }}
        />
      )}
      {dialog === 'spill' && <SpillDialog thing={trace.thing} close={() => setDialog(null)} />}
    </>
  );
}
