import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { $api } from '../../api/client';
import { useSession } from '../../api/session';
import type { ProjectOut } from '../../api/types';
import { ErrorNote } from '../../components/ErrorNote';
import { Page } from '../../components/Page';
import { deskApi } from './deskApi';
import { DeskView } from './DeskView';
import { Sitting } from './sitting';
import { Tabs } from './tabs';
import css from './Desk.module.css';

const route = getRouteApi('/inside/label/$projectId');

/** The text desk: one project's tasks at one working level. */
export function Desk() {
  const { projectId } = route.useParams();
  const session = useSession();
  const level = route.useSearch().level ?? session.level.text;
  const project = $api.useQuery('get', '/api/v1/projects/{project_id}', { params: { path: { project_id: projectId } } }, { staleTime: 60_000, refetchInterval: 5 * 60_000 });

  if (project.error)
    return (
      <Page title="This desk can’t open">
        <ErrorNote error={project.error} retry={() => void project.refetch()} />
      </Page>
    );
  if (!project.data) return <Page title="Opening the desk">{null}</Page>;
  return <Seat key={`${projectId} ${level}`} project={project.data} level={level} />;
}

function Seat({ project, level }: { project: ProjectOut; level: string }) {
  // What a sitting began with stays: a form that changes meanwhile must not change under the person's hands.
  const [{ fields }] = useState(project.form);
  const [sitting, setSitting] = useState<Sitting | null>(null);
  useEffect(() => {
    let begun: Sitting | null = null;
    const tabs = new Tabs(`desk ${project.id}`, () => begun?.held() ?? []);
    begun = new Sitting({ api: deskApi(project.id, level), fields, leaseSeconds: project.lease_seconds, tabs });
    begun.start();
    setSitting(begun);
    return () => begun.close();
  }, [project.id, project.lease_seconds, level, fields]);

  if (!sitting)
    return (
      <Page title={project.name} full>
        <div className={css.waiting} />
      </Page>
    );
  return <DeskView project={project} fields={fields} sitting={sitting} level={level} />;
}
