import { useQueries } from '@tanstack/react-query';
import { client } from '../../api/client';
import type { HomeProject } from '../../api/types';
import { useMarkings } from '../../app/markings';
import { ErrorNote } from '../../components/ErrorNote';
import { MarkingBadge } from '../../components/MarkingBadge';
import css from './Home.module.css';

const SHOWN = 8;

/** My latest answers over all projects, newest first. */
export function RecentWork({ projects }: { projects: readonly HomeProject[] }) {
  const lists = useQueries({
    queries: projects.slice(0, 6).map((project) => ({
      queryKey: ['recent', project.id, 'home'],
      queryFn: async () => (await client.GET('/api/v1/projects/{project_id}/recent', { params: { path: { project_id: project.id }, query: { limit: SHOWN } } })).data!.items.map((item) => ({ ...item, project: project.name })),
      staleTime: 0,
    })),
  });
  const items = lists
    .flatMap((list) => list.data ?? [])
    .filter((item) => item.submitted_at)
    .sort((a, b) => (a.submitted_at! < b.submitted_at! ? 1 : -1))
    .slice(0, SHOWN);
  useMarkings(items.map((item) => item.marking));
  const failed = lists.find((list) => list.error);
  return (
    <>
      {failed && <ErrorNote error={failed.error} retry={() => void failed.refetch()} />}
      <ul className={css.list}>
        {items.map((item) => (
          <li key={item.assignment_id}>
            <MarkingBadge marking={item.marking} />
            <span className={css.recent}>
              <span dir="auto">{item.excerpt}</span>
              <small>
                {item.project} · {item.summary}
              </small>
            </span>
            <time dateTime={item.submitted_at!}>{ago(item.submitted_at!)}</time>
          </li>
        ))}
      </ul>
    </>
  );
}

function ago(at: string): string {
  const minutes = Math.round((Date.now() - Date.parse(at)) / 60_000);
  if (minutes < 1) return 'now';
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return `${Math.round(minutes / 60)} h`;
  return new Date(at).toLocaleDateString([], { day: 'numeric', month: 'short' });
}
