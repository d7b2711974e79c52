import { Button, Select, Skeleton, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import IconFlag from '@tabler/icons-react/dist/esm/icons/IconFlag.mjs';
import IconListSearch from '@tabler/icons-react/dist/esm/icons/IconListSearch.mjs';
import IconSearch from '@tabler/icons-react/dist/esm/icons/IconSearch.mjs';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { $api } from '../../../api/client';
import type { ProjectOut, TaskRow } from '../../../api/types';
import { useMarkings } from '../../../app/markings';
import { EmptyState } from '../../../components/EmptyState';
import { ErrorNote } from '../../../components/ErrorNote';
import { Key } from '../../../components/Key';
import { MarkingBadge } from '../../../components/MarkingBadge';
import { useKeys } from '../../../lib/keys';
import { count, plural } from '../figures';
import { useHash } from '../useHash';
import { consensusText } from './answers';
import { TaskView } from './TaskView';
import classes from './tasks.module.css';
import { paged } from '../paged';

const STATES = [
  { value: 'all', label: 'All tasks' },
  { value: 'done', label: 'Done' },
  { value: 'started', label: 'Started' },
  { value: 'untouched', label: 'Untouched' },
  { value: 'flagged', label: 'Flagged' },
  { value: 'skipped', label: 'Skipped by somebody' },
  { value: 'disputed', label: 'Disputed' },
  { value: 'gold', label: 'Gold tasks' },
  { value: 'training', label: 'Training tasks' },
] as const;

const ROW = 58;

/** Every task that I may see, fetched as it is scrolled to; opening one shows all its answers side by side. */
export function TasksTab({ project }: { project: ProjectOut }) {
  const [hash, setHash] = useHash();
  const state = STATES.find((each) => each.value === hash.get('state'))?.value ?? 'all';
  const opened = hash.get('task');
  const [search, setSearch] = useState(hash.get('q') ?? '');
  const [q] = useDebouncedValue(search.trim(), 250);
  const box = useRef<HTMLInputElement>(null);
  const pages = $api.useInfiniteQuery(
    'get',
    '/api/v1/projects/{project_id}/tasks',
    { params: { path: { project_id: project.id }, query: { limit: 100, ...(state === 'all' ? {} : { state }), ...(q ? { q } : {}) } } },
    paged,
  );
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? [], [pages.data]);
  const [at, setAt] = useState(0);
  useKeys(opened ? [] : [{ keys: '/', label: 'Search tasks', group: 'Tasks', run: () => box.current?.focus() }]);

  const more = () => {
    if (pages.hasNextPage && !pages.isFetchingNextPage) void pages.fetchNextPage();
  };
  const index = rows.findIndex((row) => row.id === opened);
  if (opened)
    return (
      <TaskView
        key={opened}
        project={project}
        taskId={opened}
        place={index >= 0 ? `${count(index + 1)} of ${count(rows.length)}${pages.hasNextPage ? ' and more' : ''}` : null}
        back={() => {
          setAt(Math.max(0, index));
          setHash({ task: null });
        }}
        previous={index > 0 ? () => setHash({ task: rows[index - 1]!.id }, true) : null}
        next={
          index >= 0 && index < rows.length - 1
            ? () => {
                if (index > rows.length - 10) more();
                setHash({ task: rows[index + 1]!.id }, true);
              }
            : null
        }
      />
    );
  return (
    <div className={classes.tab}>
      <div className={classes.filters}>
        <TextInput
          ref={box}
          className={classes.search}
          aria-label="Search the tasks’ texts and ids"
          placeholder="Search texts and ids"
          leftSection={<IconSearch size={16} aria-hidden />}
          rightSection={<Key k="/" />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Escape' && (search ? setSearch('') : event.currentTarget.blur())}
        />
        <Select className={classes.state} aria-label="Which tasks" allowDeselect={false} data={[...STATES]} value={state} onChange={(value) => setHash({ state: value === 'all' ? null : value }, true)} />
      </div>
      {pages.error && <ErrorNote error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isPending && !pages.error && (
        <div className={classes.list} role="status" aria-label="Loading tasks">
          {[0, 1, 2, 3, 4].map((each) => (
            <Skeleton key={each} height={ROW - 8} m={4} radius={6} />
          ))}
        </div>
      )}
      {pages.data && rows.length === 0 && (
        <EmptyState
          icon={<IconListSearch size={22} />}
          title={q || state !== 'all' ? 'No task matches' : 'No tasks yet'}
          hint={q || state !== 'all' ? 'The search looks at texts and ids of the tasks you may see.' : 'Bring texts in on the Data tab: each becomes a task.'}
        >
          {(q || state !== 'all') && (
            <Button
              variant="default"
              onClick={() => {
                setSearch('');
                setHash({ state: null }, true);
              }}
            >
              Show all tasks
            </Button>
          )}
        </EmptyState>
      )}
      {rows.length > 0 && <TaskList project={project} rows={rows} more={more} hasMore={pages.hasNextPage} pending={pages.isFetchingNextPage} start={at} open={(id) => setHash({ task: id, q: q || null })} />}
    </div>
  );
}

interface TaskListProps {
  project: ProjectOut;
  rows: readonly TaskRow[];
  more: () => void;
  hasMore: boolean;
  pending: boolean;
  /** The row that has the focus at first. */
  start: number;
  open: (id: string) => void;
}

function TaskList({ project, rows, more, hasMore, pending, start, open }: TaskListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(Math.min(start, rows.length - 1));
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 8, initialRect: { width: 900, height: 560 } });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useMarkings(shown.map(({ index }) => rows[index]!.marking));
  useEffect(() => {
    if (last >= rows.length - 20) more();
  });
  useEffect(() => {
    // The keys below the list work at once, unless the reader is somewhere else already.
    if (document.activeElement === document.body) scroller.current?.focus({ preventScroll: true });
    if (start > 0) virtual.scrollToIndex(Math.min(start, rows.length - 1), { align: 'center' });
    // Only where the list begins; scrolling is the reader's from then on.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  const go = (to: number) => {
    const index = Math.max(0, Math.min(rows.length - 1, to));
    setActive(index);
    virtual.scrollToIndex(index);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + 8, PageUp: active - 8, Home: 0, End: rows.length - 1 };
    if (event.key in steps) {
      event.preventDefault();
      go(steps[event.key]!);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      open(rows[active]!.id);
    }
  };
  return (
    <>
      <div
        ref={scroller}
        className={classes.list}
        role="listbox"
        data-page-keys
        aria-label="Tasks"
        tabIndex={0}
        aria-activedescendant={`task-${rows[active]?.id}`}
        onKeyDown={onKeyDown}
      >
        <div ref={measure('--height', virtual.getTotalSize())} className={classes.track} role="presentation">
          {shown.map(({ index, start: top }) => {
            const task = rows[index]!;
            return (
              <div
                key={task.id}
                id={`task-${task.id}`}
                ref={measure('--top', top)}
                className={classes.row}
                role="option"
                aria-selected={index === active}
                aria-setsize={rows.length}
                aria-posinset={index + 1}
                onClick={() => {
                  setActive(index);
                  open(task.id);
                }}
              >
                <Row project={project} task={task} />
              </div>
            );
          })}
        </div>
      </div>
      <div className={classes.under}>
        <span data-keys>
          <Key k="ArrowUp" /> <Key k="ArrowDown" /> move, <Key k="Enter" /> opens
        </span>
        <span role="status">{pending ? 'Fetching more…' : `${plural(rows.length, 'task')}${hasMore ? ' so far, more as you scroll' : ''}`}</span>
      </div>
    </>
  );
}

/** Unlike `paint`, which keeps what it made: every scroll position would stay in memory. */
const measure = (name: string, pixels: number) => (element: HTMLElement | null) => element?.style.setProperty(name, `${pixels}px`);

function Row({ project, task }: { project: ProjectOut; task: TaskRow }) {
  const agreed = consensusText(project.form.fields, task);
  return (
    <>
      <span className={classes.mark}>
        <MarkingBadge marking={task.marking} />
      </span>
      <div className={classes.rowText}>
        <span>{task.excerpt}</span>
        <small>
          {task.external_id && <>{task.external_id} · </>}
          {agreed || (task.submitted ? 'no consensus yet' : 'no answers yet')}
        </small>
      </div>
      {task.flagged && (
        <span className={classes.flag}>
          <IconFlag size={14} aria-hidden /> flagged
        </span>
      )}
      <span className={classes.count} title={task.claimed ? `${task.claimed} in hand now` : undefined}>
        <b>{task.role === 'task' ? `${task.submitted} of ${plural(task.wanted, 'answer')}` : `${task.role}, ${task.submitted}`}</b>
        {task.claimed > 0 && <small>{task.claimed} in hand</small>}
      </span>
    </>
  );
}
