import { Button, Skeleton, TextInput } from '@mantine/core';
import IconSearch from '@tabler/icons-react/dist/esm/icons/IconSearch.mjs';
import IconUserPlus from '@tabler/icons-react/dist/esm/icons/IconUserPlus.mjs';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useRef, useState } from 'react';
import { $api } from '../../api/client';
import { useSession } from '../../api/session';
import type { PersonOut } from '../../api/types';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNote } from '../../components/ErrorNote';
import { Key } from '../../components/Key';
import { Note } from '../../components/Note';
import { Page } from '../../components/Page';
import { useKeys } from '../../lib/keys';
import { useVocabulary } from '../data/marking/useVocabulary';
import { plural } from '../manage/figures';
import { AccountDialog } from './AccountDialog';
import { AddDialog } from './AddDialog';
import { heldOf, words } from './clearance';
import { ClearanceDialog } from './ClearanceDialog';
import { DUTIES } from './duties';
import classes from './people.module.css';
import { paged } from '../manage/paged';

/** Everyone with an account. Administrators keep accounts, security officers clearances; neither does the other's part. */
export function People() {
  const { person: me } = useSession();
  const queries = useQueryClient();
  const administrator = me.duties.includes('administrator');
  const officer = me.duties.includes('security_officer');
  const [filter, setFilter] = useState('');
  const [adding, setAdding] = useState(false);
  const [changing, setChanging] = useState<PersonOut | null>(null);
  const [clearing, setClearing] = useState<PersonOut | null>(null);
  const [said, setSaid] = useState('');
  const box = useRef<HTMLInputElement>(null);
  const pages = $api.useInfiniteQuery(
    'get',
    '/api/v1/people',
    { params: { query: { limit: 200 } } },
    paged,
  );
  const { vocabulary } = useVocabulary();
  const people = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? [], [pages.data]);
  const wanted = filter.trim().toLowerCase();
  const shown = people.filter((person) => !wanted || `${person.name} ${person.login} ${person.duties.map((duty) => DUTIES[duty].title).join(' ')} ${person.clearance?.text ?? ''}`.toLowerCase().includes(wanted));
  const refresh = (message: string) => {
    setSaid(message);
    void queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[1]).startsWith('/api/v1/people') });
  };
  useKeys([
    { keys: '/', label: 'Filter people', group: 'People', run: () => box.current?.focus() },
    ...(administrator ? [{ keys: 'n', label: 'Add a person', group: 'People', run: () => setAdding(true) }] : []),
  ]);

  return (
    <Page
      title="People"
      sub={pages.data ? `${plural(people.length, 'account')}${pages.hasNextPage ? ' and more' : ''}` : undefined}
      actions={
        administrator && (
          <Button leftSection={<IconUserPlus size={16} aria-hidden />} rightSection={<Key k="n" />} onClick={() => setAdding(true)}>
            Add a person
          </Button>
        )
      }
    >
      {said && <Note tone="good">{said}</Note>}
      {pages.error && <ErrorNote error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isPending && !pages.error && <Skeleton height={240} radius={8} />}
      {pages.data && (
        <>
          <p className={classes.lead}>
            {officer && administrator
              ? 'You keep accounts and give clearances. Nobody gives a clearance to themselves.'
              : officer
                ? 'You give clearances: what a person may see, in every project. Nobody gives one to themselves.'
                : administrator
                  ? 'You keep accounts. What a person may see is for a security officer to say; an administrator sees no more than anybody else.'
                  : 'Accounts are kept by administrators, clearances given by security officers.'}
          </p>
          <TextInput
            ref={box}
            aria-label={officer ? 'Filter people by name, login, duty or clearance' : 'Filter people by name, login or duty'}
            placeholder={officer ? 'Filter by name, login, duty or clearance' : 'Filter by name, login or duty'}
            leftSection={<IconSearch size={16} aria-hidden />}
            rightSection={<Key k="/" />}
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
            onKeyDown={(event) => event.key === 'Escape' && (filter ? setFilter('') : event.currentTarget.blur())}
          />
          {shown.length === 0 ? (
            <EmptyState title={`Nobody matches “${filter.trim()}”`}>
              <Button variant="default" onClick={() => setFilter('')}>
                Show all
              </Button>
            </EmptyState>
          ) : (
            <div className={classes.scroll} tabIndex={0} role="region" aria-label="People">
              <table className={classes.people}>
                <thead>
                  <tr>
                    <th scope="col">Person</th>
                    <th scope="col">Duties</th>
                    {officer && <th scope="col">Clearance</th>}
                    {(administrator || officer) && (
                      <th>
                        <span className={classes.hidden}>Actions</span>
                      </th>
                    )}
                  </tr>
                </thead>
                <tbody>
                  {shown.map((person) => {
                    const self = person.id === me.id;
                    return (
                      <tr key={person.id} data-inactive={!person.active || undefined}>
                        <th scope="row">
                          {person.name} {self && <em>you</em>} {!person.active && <em data-off>closed</em>}
                          <small>{person.login}</small>
                        </th>
                        <td>{person.duties.length ? person.duties.map((duty) => DUTIES[duty].title).join(', ') : <span className={classes.quiet}>none</span>}</td>
                        {officer && (
                          <td>
                            {person.clearance ? (
                              vocabulary ? (
                                words(vocabulary, heldOf(vocabulary, person.clearance.json))
                              ) : (
                                person.clearance.text
                              )
                            ) : (
                              <span className={classes.quiet}>Never cleared: sees only what is for everyone</span>
                            )}
                          </td>
                        )}
                        {(administrator || officer) && (
                          <td className={classes.actions}>
                            {officer &&
                              (self ? (
                                <span className={classes.quiet}>Another officer clears you</span>
                              ) : (
                                <Button size="compact-xs" variant="default" aria-label={`Clearance of ${person.name}`} onClick={() => setClearing(person)}>
                                  Clearance…
                                </Button>
                              ))}
                            {administrator && (
                              <Button size="compact-xs" variant="default" aria-label={`Account of ${person.name}`} onClick={() => setChanging(person)}>
                                Account…
                              </Button>
                            )}
                          </td>
                        )}
                      </tr>
                    );
                  })}
                </tbody>
              </table>
            </div>
          )}
          {pages.hasNextPage && (
            <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
              Show more
            </Button>
          )}
        </>
      )}
      {adding && <AddDialog close={() => setAdding(false)} done={refresh} />}
      {changing && <AccountDialog person={changing} self={changing.id === me.id} close={() => setChanging(null)} done={refresh} />}
      {clearing && <ClearanceDialog person={clearing} close={() => setClearing(null)} done={refresh} />}
    </Page>
  );
}
