import { Button, Skeleton } from '@mantine/core';
import IconArrowLeft from '@tabler/icons-react/dist/esm/icons/IconArrowLeft.mjs';
import type { ReactNode } from 'react';
import { $api } from '../../../api/client';
import type { TaskOut } from '../../../api/types';
import { useMarkings } from '../../../app/markings';
import { ErrorNote } from '../../../components/ErrorNote';
import { Key } from '../../../components/Key';
import { useKeys } from '../../../lib/keys';
import classes from './onetask.module.css';

/** Where one task stands in a list: back to it, on, and to the one before. */
export interface PlaceInList {
  taskId: string;
  place: string | null;
  back: () => void;
  previous: (() => void) | null;
  next: (() => void) | null;
}

/** Opens one task of a list; `name` and `all` are what the list calls one of them and itself. */
export function OneTask({ taskId, place, back, previous, next, name, all, group, children }: PlaceInList & { name: string; all: string; group: string; children: (task: TaskOut) => ReactNode }) {
  const task = $api.useQuery('get', '/api/v1/tasks/{task_id}', { params: { path: { task_id: taskId } } });
  useMarkings([task.data?.marking]);
  useKeys([
    { keys: 'Escape', label: 'Back to the list', group, run: back },
    ...(next ? [{ keys: ['j', 'ArrowRight'], label: `Next ${name}`, group, run: next }] : []),
    ...(previous ? [{ keys: ['k', 'ArrowLeft'], label: `Previous ${name}`, group, run: previous }] : []),
  ]);
  return (
    <div className={classes.rows}>
      <div className={classes.bar}>
        <Button size="xs" variant="default" leftSection={<IconArrowLeft size={15} aria-hidden />} rightSection={<Key k="Escape" />} onClick={back}>
          {all}
        </Button>
        <span className={classes.place}>{place}</span>
        <Button size="xs" variant="default" rightSection={<Key k="k" />} disabled={!previous} onClick={() => previous?.()}>
          Previous
        </Button>
        <Button size="xs" variant="default" rightSection={<Key k="j" />} disabled={!next} onClick={() => next?.()}>
          Next
        </Button>
      </div>
      {task.error && <ErrorNote error={task.error} retry={() => void task.refetch()} />}
      {task.isPending && !task.error && <Skeleton height={260} radius={8} />}
      {task.data && children(task.data)}
    </div>
  );
}
