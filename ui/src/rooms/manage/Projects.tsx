import { Button, Skeleton, TextInput } from '@mantine/core';
import { useIntersection } from '@mantine/hooks';
import IconFolderPlus from '@tabler/icons-react/dist/esm/icons/IconFolderPlus.mjs';
import IconPlus from '@tabler/icons-react/dist/esm/icons/IconPlus.mjs';
import IconSearch from '@tabler/icons-react/dist/esm/icons/IconSearch.mjs';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { $api } from '../../api/client';
import type { ProjectOut } from '../../api/types';
import { useMarkings } from '../../app/markings';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNote } from '../../components/ErrorNote';
import { Key } from '../../components/Key';
import { MarkingBadge } from '../../components/MarkingBadge';
import { Meter } from '../../components/Meter';
import { Page } from '../../components/Page';
import { useKeys } from '../../lib/keys';
import { count, percentText, plural } from './figures';
import classes from './manage.module.css';
import { holdsOneOf, mayOpen, openTabs } from './roles';
import { paged } from './paged';

/** Every project that I can see, with how far it is. */
export function Projects() {
  const navigate = useNavigate();
  const [filter, setFilter] = useState('');
  const filterBox = useRef<HTMLInputElement>(null);
  const pages = $api.useInfiniteQuery(
    'get',
    '/api/v1/projects',
    { params: { query: { limit: 100 } } },
    paged,
  );
  const projects = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? [], [pages.data]);
  const wanted = filter.trim().toLowerCase();
  const shown = useMemo(
    () => projects.filter((project) => !wanted || `${project.name} ${project.description} ${project.marking.text} ${project.roles.join(' ')}`.toLowerCase().includes(wanted)),
    [projects, wanted],
  );
  useMarkings(shown.map((project) => project.marking));
  const create = () => void navigate({ to: '/projects/new' });
  useKeys([
    { keys: 'n', label: 'New project', group: 'Projects', run: create },
    { keys: '/', label: 'Filter projects', group: 'Projects', run: () => filterBox.current?.focus() },
  ]);

  return (
    <Page
      title="Projects"
      sub={pages.data && projects.length > 0 ? `${plural(projects.length, 'project')}${pages.hasNextPage ? ' and more' : ''} that you can see` : undefined}
      actions={
        <Button leftSection={<IconPlus size={16} aria-hidden />} rightSection={<Key k="n" />} onClick={create}>
          New project
        </Button>
      }
    >
      {pages.error && <ErrorNote error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isPending && !pages.error && <ListSkeleton />}
      {pages.data && projects.length === 0 && (
        <EmptyState
          icon={<IconFolderPlus size={22} />}
          title="No project yet that you can see"
          hint="A project is a form put to a pile of texts: you say what is asked and of how many people, bring the texts in, and people label them at the desk. Whoever isn’t cleared for a project doesn’t see that it exists."
        >
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={create}>
            Create a project
          </Button>
          <Button variant="default" onClick={() => void navigate({ to: '/' })}>
            See what waits for me
          </Button>
        </EmptyState>
      )}
      {projects.length > 0 && (
        <>
          <TextInput
            ref={filterBox}
            aria-label="Filter projects by name, marking or role"
            placeholder="Filter by name, marking or role"
            leftSection={<IconSearch size={16} aria-hidden />}
            rightSection={<Key k="/" />}
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
            onKeyDown={(event) => event.key === 'Escape' && (filter ? setFilter('') : event.currentTarget.blur())}
          />
          {shown.length === 0 ? (
            <EmptyState title={`No project matches “${filter.trim()}”`} hint="The filter looks at names, descriptions, markings and your roles.">
              <Button variant="default" onClick={() => setFilter('')}>
                Show all
              </Button>
            </EmptyState>
          ) : (
            <ul className={classes.projects} aria-label="Projects">
              {shown.map((project) => (
                <ProjectRow key={project.id} project={project} />
              ))}
            </ul>
          )}
          {pages.hasNextPage && (
            <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
              Show more
            </Button>
          )}
        </>
      )}
    </Page>
  );
}

function ProjectRow({ project }: { project: ProjectOut }) {
  const { ref, entry } = useIntersection({ rootMargin: '200px' });
  const counted = mayOpen('progress', project.roles);
  const progress = $api.useQuery('get', '/api/v1/projects/{project_id}/progress', { params: { path: { project_id: project.id } } }, { enabled: counted && !!entry?.isIntersecting, staleTime: 60_000 });
  const tabs = openTabs(project.roles);
  const labels = holdsOneOf(project.roles, ['annotator', 'reviewer', 'manager', 'owner']);
  const tasks = progress.data?.tasks;
  return (
    <li ref={ref} className={classes.projectRow}>
      <div className={classes.projectName}>
        <h2>
          {tabs.length ? (
            <Link to="/projects/$projectId" params={{ projectId: project.id }} search={{ tab: tabs[0]! }}>
              {project.name}
            </Link>
          ) : (
            project.name
          )}
        </h2>
        {project.description && <p>{project.description}</p>}
        <div className={classes.meta}>
          <MarkingBadge marking={project.marking} />
          {project.roles.length > 0 && <span>You are {project.roles.join(', ')}</span>}
          <span>{plural(project.overlap, 'answer')} wanted per task</span>
        </div>
      </div>
      <div className={classes.projectProgress}>
        {tasks ? (
          tasks.total > 0 ? (
            <>
              <Meter value={tasks.done} of={tasks.total} label={`${project.name}: ${count(tasks.done)} of ${count(tasks.total)} tasks done`} />
              <span>
                <b>{percentText(tasks.done, tasks.total)}</b> · {count(tasks.done)} of {count(tasks.total)} tasks done
              </span>
            </>
          ) : (
            <span>No tasks yet</span>
          )
        ) : (
          counted && !progress.error && <Skeleton height={6} radius={3} />
        )}
        {progress.error && <span>Progress can’t be shown now</span>}
      </div>
      {labels && (
        <Link className={classes.rowAction} to="/label/$projectId" params={{ projectId: project.id }} aria-label={`Label ${project.name}`}>
          Label
        </Link>
      )}
    </li>
  );
}

function ListSkeleton() {
  return (
    <div className={classes.projects} role="status" aria-label="Loading projects">
      {[0, 1, 2].map((index) => (
        <Skeleton key={index} height={84} radius={8} />
      ))}
    </div>
  );
}
