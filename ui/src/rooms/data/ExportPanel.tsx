import { Button, Checkbox, CopyButton, Skeleton, TextInput } from '@mantine/core';
import IconDownload from '@tabler/icons-react/dist/esm/icons/IconDownload.mjs';
import IconPackageExport from '@tabler/icons-react/dist/esm/icons/IconPackageExport.mjs';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { $api, clientAt } from '../../api/client';
import { useSession } from '../../api/session';
import type { DatasetOut, ProjectOut } from '../../api/types';
import { useMarkings } from '../../app/markings';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNote } from '../../components/ErrorNote';
import { Key } from '../../components/Key';
import { MarkingBadge } from '../../components/MarkingBadge';
import { Card } from '../../components/Page';
import { useKeys } from '../../lib/keys';
import { ago, bytes, plural } from '../manage/figures';
import classes from './data.module.css';
import { download } from './download';
import { JobProgress } from './JobProgress';
import { LevelChoice } from './marking/LevelChoice';
import { useJoin } from './useJoin';

/** Makes a dataset of the answers so far, and lists those that were made. */
export function ExportPanel({ project }: { project: ProjectOut }) {
  const queries = useQueryClient();
  const session = useSession();
  const [making, setMaking] = useState(false);
  const path = { params: { path: { project_id: project.id } } };
  const datasets = $api.useQuery('get', '/api/v1/projects/{project_id}/datasets', path, {
    refetchInterval: (query) => (query.state.data?.items.some((each) => each.job.state === 'queued' || each.job.state === 'running') ? 1000 : false),
  });
  const items = datasets.data?.items ?? [];
  useMarkings(items.map((dataset) => dataset.marking));
  useKeys([{ keys: 'e', label: 'Make a dataset', group: 'Data', run: () => setMaking(true) }]);
  const refresh = () => void queries.invalidateQueries({ queryKey: ['get', '/api/v1/projects/{project_id}/datasets', path] });
  return (
    <Card
      title="Datasets"
      aside={
        !making && (
          <Button size="xs" rightSection={<Key k="e" />} onClick={() => setMaking(true)}>
            Make a dataset
          </Button>
        )
      }
    >
      {making && (
        <Maker
          project={project}
          level={session.level}
          close={() => setMaking(false)}
          made={() => {
            setMaking(false);
            refresh();
          }}
        />
      )}
      {datasets.error && <ErrorNote error={datasets.error} retry={() => void datasets.refetch()} />}
      {datasets.isPending && !datasets.error && <Skeleton height={80} radius={6} />}
      {datasets.data && items.length === 0 && !making && (
        <EmptyState
          icon={<IconPackageExport size={22} />}
          title="No dataset yet"
          hint="A dataset is what the project has answered at one moment: every single answer, the consensus, the markings and the guideline’s version. It never changes; the next one is a new version."
        />
      )}
      {items.length > 0 && (
        <ul className={classes.records} aria-label="Datasets">
          {items.map((dataset) => (
            <DatasetRecord key={dataset.id} project={project} dataset={dataset} changed={refresh} />
          ))}
        </ul>
      )}
    </Card>
  );
}

interface MakerProps {
  project: ProjectOut;
  level: ProjectOut['marking'];
  close: () => void;
  made: () => void;
}

function Maker({ project, level, close, made }: MakerProps) {
  const join = useJoin([level, project.marking]);
  const [name, setName] = useState('');
  const [complete, setComplete] = useState(false);
  const [chosen, setChosen] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const attempt = useRef(crypto.randomUUID());
  const at = chosen ?? join.marking?.text;
  const make = async () => {
    if (!at || busy) return;
    setBusy(true);
    setError(null);
    try {
      await clientAt(at).POST('/api/v1/projects/{project_id}/exports', {
        params: { path: { project_id: project.id } },
        body: { ...(name.trim() ? { name: name.trim() } : {}), only_complete: complete },
        headers: { 'Idempotency-Key': attempt.current },
      });
      made();
    } catch (problem) {
      setError(problem);
      setBusy(false);
      attempt.current = crypto.randomUUID();
    }
  };
  useKeys([
    { keys: 'mod+Enter', label: 'Make the dataset', group: 'Data', whileTyping: true, run: () => void make() },
    { keys: 'Escape', label: 'Make no dataset', group: 'Data', run: close },
  ]);
  const ready = at !== undefined;
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    panel.current?.scrollIntoView({ block: 'start' });
  }, [ready]);
  return (
    <div ref={panel} className={classes.options}>
      <div className={classes.fields}>
        <TextInput autoFocus label="Name" placeholder={project.name} maxLength={200} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Checkbox className={classes.check} label="Only tasks that have every wanted answer" checked={complete} onChange={(event) => setComplete(event.currentTarget.checked)} />
      </div>
      {join.error != null && <ErrorNote error={join.error} />}
      {at ? (
        <LevelChoice label="Level of the dataset" value={at} change={setChosen} says="The dataset is marked so, and holds the tasks whose marking is at or below it. What is marked higher, or otherwise, stays out." />
      ) : (
        <Skeleton height={60} radius={6} />
      )}
      {error != null && <ErrorNote error={error} />}
      <div className={classes.buttons}>
        <Button variant="default" rightSection={<Key k="Escape" />} onClick={close}>
          Cancel
        </Button>
        <Button loading={busy} disabled={!at} rightSection={<Key k="mod+Enter" />} onClick={() => void make()}>
          Make the dataset
        </Button>
      </div>
    </div>
  );
}

function DatasetRecord({ project, dataset, changed }: { project: ProjectOut; dataset: DatasetOut; changed: () => void }) {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const get = async (format: string) => {
    setBusy(format);
    setError(null);
    try {
      await download(`/api/v1/datasets/${dataset.id}/download?format=${format}`, `${dataset.name}-v${dataset.version}.${format}`);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(null);
    }
  };
  const spans = project.form.fields.some((field) => field.kind === 'spans');
  return (
    <li className={classes.record} aria-label={`${dataset.name}, version ${dataset.version}`}>
      <div className={classes.recordHead}>
        <b>
          {dataset.name} <em>version {dataset.version}</em>
        </b>
        <MarkingBadge marking={dataset.marking} />
        <span>
          {dataset.created_by.name}, {ago(dataset.created_at, new Date())}
        </span>
      </div>
      <JobProgress job={dataset.job} level={dataset.marking.text} changed={changed} what="export" kept="A dataset is there whole or not at all." />
      {dataset.sha256 && (
        <>
          <p className={classes.outcome}>
            {plural(dataset.tasks ?? 0, 'task')} · {plural(dataset.answers ?? 0, 'answer')} · guideline version {dataset.guideline_version}
          </p>
          <div className={classes.hash}>
            <span>SHA-256 of the JSON lines</span>
            <code title={dataset.sha256}>{dataset.sha256}</code>
            <CopyButton value={dataset.sha256}>
              {({ copied, copy }) => (
                <Button size="compact-xs" variant="default" onClick={copy}>
                  {copied ? 'Copied' : 'Copy'}
                </Button>
              )}
            </CopyButton>
          </div>
          <div className={classes.downloads}>
            {(['jsonl', ...(spans ? ['conll'] : [])] as const).map((format) => {
              const size = dataset.files.find((file) => file.format === format)?.bytes;
              return (
                <Button key={format} size="xs" variant="default" leftSection={<IconDownload size={14} aria-hidden />} loading={busy === format} onClick={() => void get(format)}>
                  {format === 'jsonl' ? 'JSON lines' : 'CoNLL'}
                  {size !== undefined && <small className={classes.size}>{bytes(size)}</small>}
                </Button>
              );
            })}
            <Link to="/trace/$kind/$thingId" params={{ kind: 'dataset', thingId: dataset.id }}>
              Where it came from, who has it
            </Link>
            <span className={classes.quiet}>Every download is recorded.</span>
          </div>
        </>
      )}
      {error != null && <ErrorNote error={error} close={() => setError(null)} />}
    </li>
  );
}

