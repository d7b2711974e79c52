import { Link, useNavigate } from '@tanstack/react-router';
import IconChecks from '@tabler/icons-react/dist/esm/icons/IconChecks.mjs';
import { $api } from '../../api/client';
import { useSession } from '../../api/session';
import type { HomeOut, HomeProject, MarkingOut } from '../../api/types';
import { useMarkings } from '../../app/markings';
import { ButtonLink } from '../../components/ButtonLink';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNote } from '../../components/ErrorNote';
import { Key } from '../../components/Key';
import { MarkingBadge } from '../../components/MarkingBadge';
import { Card, Page } from '../../components/Page';
import { useKeys } from '../../lib/keys';
import { RecentWork } from './RecentWork';
import css from './Home.module.css';

type Group = HomeOut['groups'][number];
const isWaiting = (project: HomeProject) => project.waiting > 0 || project.mine_open > 0;

/** What waits for me, by marking; what I did; what I manage. */
export function Home() {
  const { person } = useSession();
  const navigate = useNavigate();
  const home = $api.useQuery('get', '/api/v1/home', {}, { refetchOnMount: 'always' });
  const { groups = [], manages = [] } = home.data ?? {};
  useMarkings([...groups.map((group) => group.marking), ...manages.map((project) => project.marking)]);

  const first = groups.flatMap((group) => group.projects.filter(isWaiting).map((project) => ({ project, marking: group.marking })))[0];
  useKeys([
    ...(first ? [{ keys: 'Enter', label: `Start labelling ${first.project.name}`, group: 'Home', run: () => void navigate(deskOf(first.project, first.marking)) }] : []),
    ...groups.flatMap((group) =>
      group.projects.filter(isWaiting).map((project) => ({ keys: '', label: `Label ${project.name} at ${group.marking.text}`, group: 'Home', run: () => void navigate(deskOf(project, group.marking)) })),
    ),
  ]);

  const worked = [...new Map(groups.flatMap((group) => group.projects.filter((project) => project.submitted_by_me > 0).map((project) => [project.id, project]))).values()];
  return (
    <Page name="Home" title={`Good ${partOfDay()}, ${person.name.split(' ')[0]}`} sub={home.data && summary(groups)}>
      {home.error && <ErrorNote error={home.error} retry={() => void home.refetch()} />}
      {home.data && !groups.some((group) => group.projects.length) && !manages.length && <Nothing duties={person.duties} />}
      <div className={css.columns}>
        <div className={css.main}>
          {groups.map((group) => (
            <Waiting key={group.marking.text} group={group} first={first?.project.id} firstMarking={first?.marking.text} />
          ))}
        </div>
        {(manages.length > 0 || worked.length > 0) && (
          <div className={css.aside}>
            {manages.length > 0 && (
              <Card title="What I manage" aside={<Link to="/projects/new">New project</Link>}>
                <ul className={css.list}>
                  {manages.map((project) => (
                    <li key={project.id}>
                      <Link to="/projects/$projectId" params={{ projectId: project.id }}>
                        {project.name}
                      </Link>
                      <MarkingBadge marking={project.marking} />
                    </li>
                  ))}
                </ul>
              </Card>
            )}
            {worked.length > 0 && (
              <Card title="My recent work">
                <RecentWork projects={worked} />
              </Card>
            )}
          </div>
        )}
      </div>
    </Page>
  );
}

const deskOf = (project: HomeProject, marking: MarkingOut) => ({ to: '/label/$projectId', params: { projectId: project.id }, search: { level: marking.text } }) as const;

function Waiting({ group, first, firstMarking }: { group: Group; first: string | undefined; firstMarking: string | undefined }) {
  if (!group.projects.length) return null;
  return (
    <section aria-label={`Waiting at ${group.marking.text}`}>
      <h2 className={css.marking}>
        <MarkingBadge marking={group.marking} full />
      </h2>
      <div className={css.projects}>
        {group.projects.map((project) => {
          const isFirst = project.id === first && group.marking.text === firstMarking;
          return (
            <article key={project.id} className={css.project} data-waiting={isWaiting(project) || undefined}>
              <div className={css.about}>
                <h3>{project.name}</h3>
                <p>
                  {project.waiting > 0 ? (
                    <>
                      <b>{project.waiting.toLocaleString()}</b> {project.waiting === 1 ? 'task waits' : 'tasks wait'} for you
                    </>
                  ) : project.mine_open > 0 ? (
                    'Nothing new'
                  ) : (
                    'All done here'
                  )}
                  {project.mine_open > 0 && <> · {project.mine_open} in your hands</>}
                  {project.submitted_by_me > 0 && <> · {project.submitted_by_me.toLocaleString()} answered by you</>}
                </p>
              </div>
              {isWaiting(project) ? (
                <ButtonLink size="xs" {...deskOf(project, group.marking)} variant={isFirst ? 'filled' : 'default'} rightSection={isFirst ? <Key k="Enter" /> : undefined}>
                  {project.submitted_by_me || project.mine_open ? 'Go on labelling' : 'Start labelling'}
                  <span className={css.unseen}>
                    {project.name}, {group.marking.text}
                  </span>
                </ButtonLink>
              ) : (
                <span className={css.done}>
                  <IconChecks size={16} aria-hidden /> Done
                </span>
              )}
            </article>
          );
        })}
      </div>
    </section>
  );
}

/** Where each duty has its work; nobody with one of them waits for tasks. */
const ROOMS = [
  { duty: 'security_officer', to: '/people', label: 'Clear people' },
  { duty: 'security_officer', to: '/custody', label: 'Look after custody' },
  { duty: 'auditor', to: '/audit', label: 'Read the audit log' },
] as const;

function Nothing({ duties }: { duties: readonly string[] }) {
  if (duties.includes('administrator'))
    return (
      <EmptyState title="A fresh place" hint="Make accounts for the people who will label, have a security officer clear them, then make a project and bring in its texts.">
        <ButtonLink to="/people">Add people</ButtonLink>
        <ButtonLink to="/projects/new" variant="default">
          Make a project
        </ButtonLink>
      </EmptyState>
    );
  const rooms = ROOMS.filter((room) => duties.includes(room.duty));
  if (rooms.length)
    return (
      <EmptyState title="Nothing to label" hint="You are in no project, and your duty needs none. This is where it is done:">
        {rooms.map(({ to, label }) => (
          <ButtonLink key={to} to={to} variant="default">
            {label}
          </ButtonLink>
        ))}
      </EmptyState>
    );
  return (
    <EmptyState title="Nothing waits for you yet" hint="Someone who manages a project adds you to it; then its tasks appear here, by their marking. Your account shows what you are cleared for.">
      <ButtonLink to="/account" variant="default">
        My account
      </ButtonLink>
      <ButtonLink to="/projects/new" variant="default">
        Make a project
      </ButtonLink>
    </EmptyState>
  );
}

function summary(groups: readonly Group[]): string {
  const projects = groups.flatMap((group) => group.projects);
  const waiting = projects.reduce((sum, project) => sum + project.waiting + project.mine_open, 0);
  const answered = projects.reduce((sum, project) => sum + project.submitted_by_me, 0);
  return `${waiting ? `${waiting.toLocaleString()} ${waiting === 1 ? 'task waits' : 'tasks wait'} for you` : 'Nothing waits for you'}${answered ? ` · ${answered.toLocaleString()} answered so far` : ''}`;
}

function partOfDay(): string {
  const hour = new Date().getHours();
  return hour < 5 ? 'night' : hour < 12 ? 'morning' : hour < 18 ? 'afternoon' : 'evening';
}
