import { Button, Skeleton, Tabs } from '@mantine/core';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { $api } from '../../api/client';
import type { ProjectOut } from '../../api/types';
import { useMarkings } from '../../app/markings';
import { projectTabs, type ProjectTab } from '../../app/router';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNote } from '../../components/ErrorNote';
import { Key } from '../../components/Key';
import { MarkingBadge } from '../../components/MarkingBadge';
import { Page } from '../../components/Page';
import { useKeys } from '../../lib/keys';
import { DataTab } from '../data/DataTab';
import { plural } from './figures';
import { MembersTab } from './members/MembersTab';
import { ProgressTab } from './progress/ProgressTab';
import { QualityTab } from './quality/QualityTab';
import { ReviewTab } from './review/ReviewTab';
import classes from './project.module.css';
import { holdsOneOf, openTabs } from './roles';
import { SettingsTab } from './settings/SettingsTab';
import { TasksTab } from './tasks/TasksTab';

const TITLES: Record<ProjectTab, string> = { progress: 'Progress', quality: 'Quality', review: 'Review', tasks: 'Tasks', data: 'Data', people: 'People', settings: 'Settings' };

/** The manager's page of one project. */
export function Project() {
  const { projectId } = useParams({ from: '/inside/projects/$projectId' });
  const project = $api.useQuery('get', '/api/v1/projects/{project_id}', { params: { path: { project_id: projectId } } });
  useMarkings([project.data?.marking]);
  if (project.error)
    return (
      <Page title="Project">
        <ErrorNote error={project.error} retry={() => void project.refetch()} />
      </Page>
    );
  if (!project.data)
    return (
      <Page title="Project">
        <Skeleton height={36} radius={6} />
        <Skeleton height={220} radius={8} />
      </Page>
    );
  return <Opened key={projectId} project={project.data} />;
}

/** "3 answers wanted per task", or what the rule of confidence asks for. */
function askedText({ overlap, rules }: ProjectOut): string {
  const ask = rules.ask;
  return ask ? `${ask.least ?? 2} to ${ask.most ?? 5} answers per task, until ${Math.round((ask.confidence ?? 0.95) * 100)}% sure` : `${plural(overlap, 'answer')} wanted per task`;
}

function Opened({ project }: { project: ProjectOut }) {
  const navigate = useNavigate();
  const search = useSearch({ from: '/inside/projects/$projectId' });
  const tabs = openTabs(project.roles);
  const tab = search.tab && tabs.includes(search.tab) ? search.tab : tabs[0];
  const go = (to: ProjectTab) => void navigate({ to: '/projects/$projectId', params: { projectId: project.id }, search: { tab: to } });
  const label = () => void navigate({ to: '/label/$projectId', params: { projectId: project.id } });
  const labels = holdsOneOf(project.roles, ['annotator', 'reviewer', 'manager', 'owner']);
  useKeys([
    ...tabs.map((each, index) => ({ keys: String(index + 1), label: `Show ${TITLES[each].toLowerCase()}`, group: 'Project', run: () => go(each) })),
    ...(labels ? [{ keys: 'l', label: 'Label in this project', group: 'Project', run: label }] : []),
  ]);
  return (
    <Page
      title={project.name}
      sub={
        <span className={classes.sub}>
          <MarkingBadge marking={project.marking} />
          <span>{askedText(project)}</span>
          <span>guideline version {project.guideline_version}</span>
          {project.roles.length > 0 && <span>you are {project.roles.join(', ')}</span>}
        </span>
      }
      actions={
        labels && (
          <Button variant="default" rightSection={<Key k="l" />} onClick={label}>
            Label
          </Button>
        )
      }
    >
      <title>{`${project.name} · Strongroom`}</title>
      {tab === undefined ? (
        <EmptyState
          title={`${project.name} has nothing here for your roles`}
          hint={labels ? 'You label in this project. Its progress and data are for owners, managers, reviewers, analysts and auditors.' : 'Ask an owner or manager of the project for a role.'}
        >
          {labels && <Button onClick={label}>Label</Button>}
        </EmptyState>
      ) : (
        <Tabs value={tab} onChange={(value) => value && go(projectTabs.find((each) => each === value)!)} keepMounted={false}>
          <Tabs.List mb={16}>
            {tabs.map((each, index) => (
              <Tabs.Tab key={each} value={each} rightSection={<Key k={String(index + 1)} />}>
                {TITLES[each]}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Tabs.Panel value="progress">
            <ProgressTab project={project} />
          </Tabs.Panel>
          <Tabs.Panel value="quality">
            <QualityTab project={project} />
          </Tabs.Panel>
          <Tabs.Panel value="review">
            <ReviewTab project={project} />
          </Tabs.Panel>
          <Tabs.Panel value="tasks">
            <TasksTab project={project} />
          </Tabs.Panel>
          <Tabs.Panel value="data">
            <DataTab project={project} />
          </Tabs.Panel>
          <Tabs.Panel value="people">
            <MembersTab project={project} />
          </Tabs.Panel>
          <Tabs.Panel value="settings">
            <SettingsTab project={project} />
          </Tabs.Panel>
        </Tabs>
      )}
    </Page>
  );
}
