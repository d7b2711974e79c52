import { Button, Checkbox, Radio, Skeleton, TextInput } from '@mantine/core';
import IconDownload from '@tabler/icons-react/dist/esm/icons/IconDownload.mjs';
import { useParams } from '@tanstack/react-router';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { $api, clientAt } from '../../api/client';
import { useSession } from '../../api/session';
import type { SpillOut } from '../../api/types';
import { useMarkings } from '../../app/markings';
import { ErrorNote } from '../../components/ErrorNote';
import { MarkingBadge } from '../../components/MarkingBadge';
import { Note } from '../../components/Note';
import { Card, Page } from '../../components/Page';
import { download } from '../data/download';
import { JobProgress } from '../data/JobProgress';
import { MarkingBuilder } from '../data/marking/MarkingBuilder';
import { useMarking } from '../data/marking/useMarking';
import { plural } from '../manage/figures';
import { paged } from '../manage/paged';
import { ActsTable, moment } from './ActsTable';
import { capital, counted, kindName } from './kinds';
import css from './custody.module.css';

type Decision = 'remark' | 'purge' | 'release';
const DONE: Record<Decision, string> = { remark: 'Marked anew', purge: 'Purged', release: 'Put back' };

/** One spill: what it took out of sight, who had it before them, what was decided, and the report. */
export function Spill() {
  const { spillId } = useParams({ strict: false }) as { spillId: string };
  const spill = $api.useQuery('get', '/api/v1/spills/{spill_id}', { params: { path: { spill_id: spillId } } }, {
    refetchInterval: (query) => (query.state.data?.decisions.some((each) => each.job && (each.job.state === 'queued' || each.job.state === 'running')) ? 1000 : false),
  });
  const data = spill.data;
  useMarkings([data?.marking, ...(data?.affected.map((each) => each.marking) ?? [])]);
  return (
    <Page
      title={data ? `Spill of a ${kindName(data.kind)}` : 'Spill'}
      sub={
        data && (
          <>
            <MarkingBadge marking={data.marking} full /> reported by {data.reported_by.name}, {moment(data.reported_at)}
          </>
        )
      }
      actions={data && <Reports spill={data} />}
    >
      {spill.error && <ErrorNote error={spill.error} retry={() => void spill.refetch()} />}
      {spill.isPending && !spill.error && <Skeleton height={260} radius={8} />}
      {data && <Found spill={data} />}
    </Page>
  );
}

function Found({ spill }: { spill: SpillOut }) {
  const queries = useQueryClient();
  const refresh = () => void queries.invalidateQueries();
  const waiting = spill.decisions.some((each) => each.state === 'working');
  return (
    <>
      {spill.open ? (
        <Note tone="warn">
          <b>Out of everyone’s sight.</b> What is in quarantine stays there until somebody decides about it.
        </Note>
      ) : (
        <Note tone="good">
          <b>Closed.</b> Nothing that you could see of it is in quarantine any more.
        </Note>
      )}
      <Card title="What it was">
        <dl className={css.facts}>
          <dt>Thing</dt>
          <dd>
            <code>
              {spill.kind}/{spill.thing_id}
            </code>
          </dd>
          <dt>Should be</dt>
          <dd>{spill.should_be ? <MarkingBadge marking={spill.should_be} full /> : 'not here at all'}</dd>
          <dt>What happened</dt>
          <dd>{spill.reason}</dd>
          <dt>Who had it</dt>
          <dd>
            {plural(spill.people, 'person', 'people')}, in {plural(spill.acts, 'act')}; {spill.downloads ? `taken out as a file ${plural(spill.downloads, 'time')}` : 'never taken out as a file'}
          </dd>
        </dl>
      </Card>
      <Card title="What is affected">
        <div className={css.scroll} tabIndex={0} role="region" aria-label="What is affected">
          <table className={css.table}>
            <thead>
              <tr>
                <th scope="col">What</th>
                <th scope="col">Was marked</th>
                <th scope="col" data-number>
                  In quarantine
                </th>
                <th scope="col" data-number>
                  Marked anew
                </th>
                <th scope="col" data-number>
                  Put back
                </th>
                <th scope="col" data-number>
                  Purged
                </th>
              </tr>
            </thead>
            <tbody>
              {spill.affected.map((each) => (
                <tr key={`${each.kind} ${each.marking.text}`}>
                  <th scope="row">{capital(kindName(each.kind, 2))}</th>
                  <td>
                    <MarkingBadge marking={each.marking} />
                  </td>
                  {[each.quarantined, each.remarked, each.released, each.purged].map((count, index) => (
                    <td key={index} data-number>
                      {count || <span className={css.quiet}>–</span>}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <p className={css.quiet}>What you could see before. Things at markings above your clearance are in quarantine with it all the same.</p>
      </Card>
      {spill.decisions.length > 0 && (
        <Card title="What was decided">
          <ul className={css.groups}>
            {spill.decisions.map((each) => (
              <li key={each.id} className={css.request}>
                <div className={css.groupHead}>
                  <b>{each.state === 'done' ? DONE[each.decision] : 'Being purged'}</b>
                  {each.to && <MarkingBadge marking={each.to} full />}
                  <span className={css.quiet}>
                    {each.kinds ? each.kinds.map((kind) => kindName(kind, 2)).join(', ') : 'everything in quarantine'}, by {each.decided_by.name}, {moment(each.decided_at)}
                  </span>
                </div>
                {each.job && each.state !== 'done' && <JobProgress job={each.job} level={spill.marking.text} changed={refresh} what="purge" kept="What was deleted stays deleted." />}
                {each.proof && <Proof proof={each.proof as unknown as ProofOut} />}
              </li>
            ))}
          </ul>
        </Card>
      )}
      {spill.open && !waiting && <Decide key={spill.decisions.length} spill={spill} done={refresh} />}
      <Acts spillId={spill.id} />
    </>
  );
}

interface ProofOut {
  clean: boolean;
  residue: string[];
  done: string[];
  searched: string[];
  encodings: string[];
  width: number;
  operator: string[];
}

function Proof({ proof }: { proof: ProofOut }) {
  return (
    <div className={css.proof}>
      <p>
        <b>{proof.clean ? 'Nothing of it is left in the workspace.' : `Something of it is still in ${proof.residue.join(', ')}.`}</b> {capital(proof.done.join(', '))}. Then {proof.searched.join(' and ')} were searched for pieces of{' '}
        {proof.width} bytes, as {proof.encodings.join(', ')}.
      </p>
      <p>What is left to you:</p>
      <ul>
        {proof.operator.map((each) => (
          <li key={each}>{each.split('`').map((part, index) => (index % 2 ? <code key={index}>{part}</code> : part))}</li>
        ))}
      </ul>
    </div>
  );
}

function Decide({ spill, done }: { spill: SpillOut; done: () => void }) {
  const me = useSession().person.id;
  const waiting = [...new Set(spill.affected.filter((each) => each.quarantined > 0).map((each) => each.kind))].sort();
  const [decision, setDecision] = useState<Decision>(spill.should_be ? 'remark' : 'purge');
  const [chosen, setChosen] = useState<string[]>(waiting);
  const [text, setText] = useState(spill.should_be?.text ?? spill.marking.text);
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const checked = useMarking(text);
  const own = spill.reported_by.id === me;
  const number = spill.affected.filter((each) => chosen.includes(each.kind)).reduce((sum, each) => sum + each.quarantined, 0);
  const word = { remark: 'mark', purge: 'purge', release: 'put back' }[decision];
  const ready = chosen.length > 0 && typed.trim().toLowerCase() === word && (decision !== 'remark' || checked.state === 'good') && !(decision === 'release' && own);
  const send = async () => {
    if (!ready || busy) return;
    setBusy(true);
    setError(null);
    try {
      await clientAt(spill.marking.text).POST('/api/v1/spills/{spill_id}/decisions', {
        params: { path: { spill_id: spill.id } },
        body: { decision, to: decision === 'remark' ? text.trim() : null, kinds: chosen.length === waiting.length ? null : chosen },
        headers: { 'Idempotency-Key': crypto.randomUUID() },
      });
      done();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Card title="Decide">
      <form
        className={css.dialog}
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Radio.Group
          label="What shall become of it?"
          value={decision}
          onChange={(value) => {
            setDecision(value as Decision);
            setTyped('');
          }}
        >
          <div className={css.radios}>
            <Radio value="remark" label="Mark it anew, and show it again to those who may see that" />
            <Radio value="purge" label="Purge it: destroy it here, for good, and prove it" />
            <Radio value="release" label={own ? 'Put it back as it was (somebody else than who reported it)' : 'Put it back as it was'} disabled={own} />
          </div>
        </Radio.Group>
        {decision === 'remark' && <MarkingBuilder label="Its marking from now on" text={text} change={setText} />}
        {waiting.length > 1 && (
          <Checkbox.Group label="About what?" description="What can’t be there without something that is purged is purged with it." value={chosen} onChange={setChosen}>
            <div className={css.checks}>
              {waiting.map((kind) => (
                <Checkbox key={kind} value={kind} label={capital(counted(spill.affected.filter((each) => each.kind === kind).reduce((sum, each) => sum + each.quarantined, 0), kind))} />
              ))}
            </div>
          </Checkbox.Group>
        )}
        <TextInput label={<>To go on, type “{word}”</>} autoComplete="off" spellCheck={false} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
        {decision === 'purge' && <Note tone="warn">What is purged can’t be brought back, not from this house. Backups made before still hold it: the report lists them.</Note>}
        {error != null && <ErrorNote error={error} />}
        <div className={css.buttons}>
          <Button type="submit" color={decision === 'purge' ? 'red' : undefined} loading={busy} disabled={!ready}>
            {decision === 'remark' ? `Mark ${plural(number, 'thing')} anew` : decision === 'purge' ? `Purge ${plural(number, 'thing')}` : `Put ${plural(number, 'thing')} back`}
          </Button>
        </div>
      </form>
    </Card>
  );
}

function Acts({ spillId }: { spillId: string }) {
  const pages = $api.useInfiniteQuery('get', '/api/v1/spills/{spill_id}/acts', { params: { path: { spill_id: spillId }, query: { limit: 50 } } }, paged);
  return (
    <Card title="Who had it before">
      {pages.error && <ErrorNote error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isPending && !pages.error && <Skeleton height={60} radius={6} />}
      {pages.data && <ActsTable acts={pages.data.pages.flatMap((page) => page.items)} />}
      {pages.hasNextPage && (
        <Button size="xs" variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Card>
  );
}

function Reports({ spill }: { spill: SpillOut }) {
  const [busy, setBusy] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const get = async (format: 'html' | 'json') => {
    setBusy(format);
    setError(null);
    try {
      await download(`/api/v1/spills/${spill.id}/report?format=${format}`, `spill-${spill.id.slice(0, 8)}.${format}`);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(null);
    }
  };
  return (
    <>
      {error != null && <ErrorNote error={error} close={() => setError(null)} />}
      {(['html', 'json'] as const).map((format) => (
        <Button key={format} size="xs" variant="default" leftSection={<IconDownload size={14} aria-hidden />} loading={busy === format} onClick={() => void get(format)}>
          {format === 'html' ? 'Report to print' : 'Signed report'}
        </Button>
      ))}
    </>
  );
}
