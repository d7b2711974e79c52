import { Button, Select, Skeleton, Switch, Tabs, TextInput } from '@mantine/core';
import IconDownload from '@tabler/icons-react/dist/esm/icons/IconDownload.mjs';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { $api } from '../../api/client';
import { useSession } from '../../api/session';
import { useMarkings } from '../../app/markings';
import { ButtonLink } from '../../components/ButtonLink';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNote } from '../../components/ErrorNote';
import { Key } from '../../components/Key';
import { Note } from '../../components/Note';
import { Page } from '../../components/Page';
import { useKeys } from '../../lib/keys';
import { download } from '../data/download';
import { paged } from '../manage/paged';
import css from './audit.module.css';
import { EntryDrawer } from './EntryDrawer';
import { QUESTIONS, type Asked } from './questions';
import { Results } from './Results';
import { moment } from './words';

interface Filter {
  thing: string;
  person: string | null;
  action: string;
  since: string;
  until: string;
  ofAuditors: boolean;
}

const AN_ID = /^[A-Za-z0-9_.:-]{1,64}$/;
const A_WORD = /^[a-z0-9_.:-]{1,64}$/;

/** The auditor's page: who saw this, what did this person see, what failed. */
export function Audit() {
  const { person } = useSession();
  if (person.duties.includes('auditor')) return <Questions />;
  return (
    <Page title="Audit">
      <EmptyState title="For auditors" hint="The log is read by those whose duty it is. An administrator gives duties, on the page People.">
        <ButtonLink to="/" variant="default">
          Go home
        </ButtonLink>
      </EmptyState>
    </Page>
  );
}

function Questions() {
  const search = useSearch({ from: '/inside/audit' });
  const navigate = useNavigate();
  const asked = search.ask ?? 'seen-thing';
  const { question, wants } = QUESTIONS.find((each) => each.value === asked)!;
  const [filter, setFilter] = useState<Filter>({ thing: search.thing ?? '', person: search.person ?? null, action: '', since: '', until: '', ofAuditors: false });
  const [opened, setOpened] = useState<string | null>(null);
  const [exporting, setExporting] = useState(false);
  const [exportError, setExportError] = useState<unknown>(null);
  const thingBox = useRef<HTMLInputElement>(null);
  const state = $api.useQuery('get', '/api/v1/audit/state');
  const people = $api.useQuery('get', '/api/v1/people', { params: { query: { limit: 500 } } });
  // Every search is an entry of the log: one is asked when a field is left, or Enter pressed, not at every letter.
  const [sent, setSent] = useState(filter);
  const send = (change: Partial<Filter> = {}) => {
    const next = { ...filter, ...change };
    setFilter(next);
    setSent(next);
  };
  const thing = sent.thing.trim();
  const action = sent.action.trim();
  const mistaken = (thing !== '' && !AN_ID.test(thing)) || (action !== '' && !A_WORD.test(action));
  const lacking = (wants === 'thing' && !thing) || (wants === 'person' && !sent.person);
  const query = {
    question,
    limit: 100,
    of_auditors: sent.ofAuditors,
    ...(thing && { thing }),
    ...(sent.person && { person: sent.person }),
    ...(action && { action }),
    ...(moment(sent.since) && { since: moment(sent.since) }),
    ...(moment(sent.until) && { until: moment(sent.until) }),
  };
  const pages = $api.useInfiniteQuery('get', '/api/v1/audit/entries', { params: { query } }, { ...paged, enabled: !lacking && !mistaken, staleTime: 30_000, refetchOnWindowFocus: false });
  const entries = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? [], [pages.data]);
  const named = useMemo(() => pages.data?.pages.flatMap((page) => page.people) ?? [], [pages.data]);
  useMarkings(lacking ? [] : entries.map((entry) => entry.marking));
  const go = (to: Asked) => void navigate({ to: '/audit', search: { ask: to }, replace: true });
  const ask = (found: { thing?: string; person?: string }) => {
    setOpened(null);
    send({ thing: found.thing ?? '', person: found.person ?? null });
    go(found.thing ? 'seen-thing' : 'seen-person');
  };
  const takeAlong = async () => {
    setExporting(true);
    setExportError(null);
    try {
      await download('/api/v1/audit/export', 'strongroom-audit.zip');
    } catch (problem) {
      setExportError(problem);
    } finally {
      setExporting(false);
    }
  };
  useEffect(() => {
    if (wants === 'thing' && !filter.thing) thingBox.current?.focus();
  }, [wants]); // eslint-disable-line react-hooks/exhaustive-deps
  useKeys([
    { keys: '/', label: 'Name a thing', group: 'Audit', run: () => thingBox.current?.focus() },
    ...QUESTIONS.map((each, index) => ({ keys: String(index + 1), label: each.label, group: 'Audit', run: () => go(each.value) })),
    { keys: 'x', label: 'Export what you may see', group: 'Audit', run: () => void takeAlong() },
  ]);

  return (
    <Page
      title="Audit"
      sub={state.data?.size != null ? `${state.data.size.toLocaleString('en-GB')} entries in the log` : 'Entries up to your clearance'}
      actions={
        <Button variant="default" loading={exporting} leftSection={<IconDownload size={16} aria-hidden />} rightSection={<Key k="x" />} onClick={() => void takeAlong()}>
          Export
        </Button>
      }
    >
      {state.data && state.data.state !== 'in_order' && (
        <Note tone="warn">
          <b>The audit log isn’t in order.</b> {state.data.trouble} Tell the operator: <code>strongroom audit verify</code> says where it differs.
        </Note>
      )}
      {exportError != null && <ErrorNote error={exportError} close={() => setExportError(null)} />}
      <Tabs value={asked} onChange={(value) => value && go(value as Asked)}>
        <Tabs.List>
          {QUESTIONS.map((each, index) => (
            <Tabs.Tab key={each.value} value={each.value} rightSection={<Key k={String(index + 1)} />}>
              {each.label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </Tabs>
      <form
        className={css.filters}
        role="search"
        aria-label="Narrow the entries"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
        onBlur={() => send()}
      >
        <TextInput
          ref={thingBox}
          label="Thing"
          description="Its id, as entries and addresses show it"
          placeholder="any"
          spellCheck={false}
          wrapperProps={{ 'data-wide': true }}
          rightSection={<Key k="/" />}
          error={thing !== '' && !AN_ID.test(thing) ? 'An id has letters and digits only.' : undefined}
          value={filter.thing}
          onChange={(event) => setFilter({ ...filter, thing: event.currentTarget.value })}
        />
        <Select
          label="Person"
          description="Who did it"
          searchable
          allowDeselect={false}
          nothingFoundMessage="Nobody by that name"
          data={[{ value: '', label: 'Anybody' }, ...(people.data?.items ?? []).map((person) => ({ value: person.id, label: `${person.name} (${person.login})` }))]}
          value={filter.person ?? ''}
          onChange={(person) => send({ person: person || null })}
        />
        <TextInput
          label="Act"
          description="As recorded, such as task.read"
          placeholder="any"
          spellCheck={false}
          error={action !== '' && !A_WORD.test(action) ? 'Acts are written in small letters, like task.read.' : undefined}
          value={filter.action}
          onChange={(event) => setFilter({ ...filter, action: event.currentTarget.value })}
        />
        <TextInput label="From" description="Local time" type="datetime-local" value={filter.since} onChange={(event) => setFilter({ ...filter, since: event.currentTarget.value })} />
        <TextInput label="Until" description="Local time" type="datetime-local" value={filter.until} onChange={(event) => setFilter({ ...filter, until: event.currentTarget.value })} />
        <Button type="submit" variant="default" rightSection={<Key k="Enter" />}>
          Search
        </Button>
        <Switch label="What auditors did, too" checked={filter.ofAuditors} onChange={(event) => send({ ofAuditors: event.currentTarget.checked })} />
      </form>
      {lacking ? (
        <EmptyState
          title={wants === 'thing' ? 'Name a thing' : 'Choose a person'}
          hint={
            wants === 'thing'
              ? 'Paste the id of a task, a dataset or anything else: you get everybody who was shown it, as far as your clearance goes.'
              : 'You get everything that this person was shown, as far as your clearance goes.'
          }
        />
      ) : (
        <>
          {pages.error && <ErrorNote error={pages.error} retry={() => void pages.refetch()} />}
          {pages.isPending && !pages.error && !mistaken && <Skeleton height={240} radius={8} />}
          {pages.data && !entries.length && (
            <EmptyState
              title={question === 'failed' ? 'Nothing failed' : 'No such entry'}
              hint={question === 'seen' ? 'Nobody was shown it, as far as you may see the log.' : 'As far as you may see the log. Widen the time, or leave a field empty.'}
            />
          )}
          {entries.length > 0 && <Results entries={entries} people={named} opened={opened} open={setOpened} />}
          {pages.hasNextPage && (
            <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
              Show more
            </Button>
          )}
        </>
      )}
      <p className={css.quiet}>Your searches are on record, too. Lists that somebody looked through are recorded with their project, not with each thing on them.</p>
      {opened && <EntryDrawer entryId={opened} close={() => setOpened(null)} ask={ask} />}
    </Page>
  );
}
