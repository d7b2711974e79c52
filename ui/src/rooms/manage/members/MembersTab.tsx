import { Button, Checkbox, Modal, Skeleton, TextInput } from '@mantine/core';
import IconUserPlus from '@tabler/icons-react/dist/esm/icons/IconUserPlus.mjs';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useRef, useState } from 'react';
import { $api, clientAt } from '../../../api/client';
import { useSession } from '../../../api/session';
import type { MemberOut, ProjectOut } from '../../../api/types';
import { EmptyState } from '../../../components/EmptyState';
import { ErrorNote } from '../../../components/ErrorNote';
import { Key } from '../../../components/Key';
import { Note } from '../../../components/Note';
import { Card } from '../../../components/Page';
import { useKeys } from '../../../lib/keys';
import { ROLES, ROLE_SAYS, type Role } from '../roles';
import classes from './members.module.css';
import { paged } from '../paged';

/** Who works in the project, and as what. A role lets a person act; it clears them for nothing. */
export function MembersTab({ project }: { project: ProjectOut }) {
  const session = useSession();
  const queries = useQueryClient();
  const path = { params: { path: { project_id: project.id } } };
  const members = $api.useQuery('get', '/api/v1/projects/{project_id}/members', path);
  const [editing, setEditing] = useState<MemberOut | 'new' | null>(null);
  const [removing, setRemoving] = useState<MemberOut | null>(null);
  const [said, setSaid] = useState('');
  useKeys([{ keys: 'n', label: 'Add a person to the project', group: 'Project', run: () => setEditing('new') }]);
  const refresh = (message: string) => {
    setSaid(message);
    void queries.invalidateQueries({ queryKey: ['get', '/api/v1/projects/{project_id}/members', path] });
    void queries.invalidateQueries({ queryKey: ['get', '/api/v1/projects/{project_id}', path] });
  };
  const items = members.data?.items ?? [];
  return (
    <div className={classes.rows}>
      {said && <Note tone="good">{said}</Note>}
      <Card
        title="People in this project"
        aside={
          <Button size="xs" leftSection={<IconUserPlus size={15} aria-hidden />} rightSection={<Key k="n" />} onClick={() => setEditing('new')}>
            Add a person
          </Button>
        }
      >
        {members.error && <ErrorNote error={members.error} retry={() => void members.refetch()} />}
        {members.isPending && !members.error && <Skeleton height={120} radius={6} />}
        {members.data && items.length === 0 && <EmptyState title="Nobody yet" hint="Add people by their login and say what they may do here." />}
        {items.length > 0 && (
          <table className={classes.members}>
            <thead>
              <tr>
                <th scope="col">Person</th>
                <th scope="col">Roles</th>
                <th>
                  <span className={classes.hidden}>Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((member) => (
                <tr key={member.person.id}>
                  <th scope="row">
                    {member.person.name} <span>{member.person.login}</span>
                    {member.person.id === session.person.id && <em>you</em>}
                  </th>
                  <td>{member.roles.join(', ')}</td>
                  <td>
                    <Button size="compact-xs" variant="default" onClick={() => setEditing(member)} aria-label={`Change the roles of ${member.person.name}`}>
                      Change
                    </Button>
                    <Button size="compact-xs" variant="subtle" onClick={() => setRemoving(member)} aria-label={`Remove ${member.person.name}`}>
                      Remove
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        <p className={classes.note}>A role says what somebody may do here. What they may see is their clearance, which a security officer gives: a person in this list who isn’t cleared for a text isn’t offered it and doesn’t see that it is there.</p>
      </Card>
      {editing && <RolesDialog project={project} member={editing === 'new' ? null : editing} existing={items} close={() => setEditing(null)} done={refresh} />}
      {removing && <RemoveDialog project={project} member={removing} close={() => setRemoving(null)} done={refresh} />}
    </div>
  );
}

interface DialogProps {
  project: ProjectOut;
  close: () => void;
  done: (message: string) => void;
}

function RolesDialog({ project, member, existing, close, done }: DialogProps & { member: MemberOut | null; existing: readonly MemberOut[] }) {
  const [login, setLogin] = useState(member?.person.login ?? '');
  const [roles, setRoles] = useState<readonly string[]>(member?.roles ?? ['annotator']);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState('');
  const box = useRef<HTMLInputElement>(null);
  const people = usePeople(member === null);
  const wanted = login.trim().toLowerCase();
  const person = member?.person ?? people.find((each) => each.login === wanted);
  const likely = useMemo(
    () => (member || !wanted || person ? [] : people.filter((each) => each.active && `${each.login} ${each.name}`.toLowerCase().includes(wanted)).slice(0, 6)),
    [member, people, person, wanted],
  );
  const save = async () => {
    if (!person && likely.length === 1) {
      setLogin(likely[0]!.login);
      return;
    }
    if (!person) {
      setWrong(wanted ? `Nobody has the login “${wanted}”. An administrator can add them on the People page.` : 'Type a login.');
      box.current?.focus();
      return;
    }
    setBusy(true);
    setError(null);
    try {
      const before = existing.find((each) => each.person.id === person.id);
      await clientAt(project.marking.text).PUT('/api/v1/projects/{project_id}/members/{person_id}', { params: { path: { project_id: project.id, person_id: person.id } }, body: { roles: [...roles] as Role[] } });
      done(before ? `${person.name} is now ${roles.join(', ')}.` : `${person.name} was added as ${roles.join(', ')}.`);
      close();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={close} title={member ? `Roles of ${member.person.name}` : 'Add a person to the project'} size={520}>
      <form
        className={classes.dialog}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {!member && (
          <div>
            <TextInput
              ref={box}
              data-autofocus
              label="Login"
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              value={login}
              error={wrong}
              description={person ? person.name : undefined}
              onChange={(event) => {
                setLogin(event.currentTarget.value);
                setWrong('');
              }}
            />
            {likely.length > 0 && (
              <ul className={classes.likely} aria-label="People this could be">
                {likely.map((each) => (
                  <li key={each.id}>
                    <button type="button" onClick={() => setLogin(each.login)}>
                      {each.login} <span>{each.name}</span>
                    </button>
                  </li>
                ))}
              </ul>
            )}
          </div>
        )}
        <Checkbox.Group label="Roles" value={[...roles]} onChange={setRoles}>
          <div className={classes.roles}>
            {ROLES.map((role) => (
              <Checkbox key={role} value={role} label={role} description={ROLE_SAYS[role]} />
            ))}
          </div>
        </Checkbox.Group>
        {error != null && <ErrorNote error={error} />}
        <div className={classes.actions}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={roles.length === 0} rightSection={<Key k="Enter" />}>
            {member ? 'Save roles' : 'Add'}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function RemoveDialog({ project, member, close, done }: DialogProps & { member: MemberOut }) {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const remove = async () => {
    setBusy(true);
    try {
      await clientAt(project.marking.text).DELETE('/api/v1/projects/{project_id}/members/{person_id}', { params: { path: { project_id: project.id, person_id: member.person.id } } });
      done(`${member.person.name} was removed. Their answers stay.`);
      close();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={close} title={`Remove ${member.person.name}?`} size={440}>
      <div className={classes.dialog}>
        <p>They can’t act in this project any more. Everything they answered stays, and so does what they drafted.</p>
        {error != null && <ErrorNote error={error} />}
        <div className={classes.actions}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button data-autofocus loading={busy} onClick={() => void remove()}>
            Remove
          </Button>
        </div>
      </div>
    </Modal>
  );
}

/** Everybody, for finding a login; fetched page by page while the dialog is open. */
function usePeople(enabled: boolean) {
  const pages = $api.useInfiniteQuery(
    'get',
    '/api/v1/people',
    { params: { query: { limit: 200 } } },
    { ...paged, enabled },
  );
  if (enabled && pages.hasNextPage && !pages.isFetching) void pages.fetchNextPage();
  return useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? [], [pages.data]);
}
