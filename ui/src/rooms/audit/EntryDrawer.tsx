import { Button, Drawer, Skeleton } from '@mantine/core';
import IconCopy from '@tabler/icons-react/dist/esm/icons/IconCopy.mjs';
import { Link } from '@tanstack/react-router';
import { useRef, useState, type ReactNode, type Ref } from 'react';
import { $api } from '../../api/client';
import type { AuditEntryDetail } from '../../api/types';
import { useMarkings } from '../../app/markings';
import { ErrorNote } from '../../components/ErrorNote';
import { Key } from '../../components/Key';
import { MarkingBadge } from '../../components/MarkingBadge';
import { Note } from '../../components/Note';
import { capital, kindName } from '../custody/kinds';
import css from './audit.module.css';
import { ProofDrawing } from './Proof';
import { act, actor, fact, instant, means } from './words';

interface EntryDrawerProps {
  entryId: string;
  close: () => void;
  ask: (filter: { thing?: string; person?: string }) => void;
}

/** Things that have a page of their own about where they came from and who saw them. */
const TRACED = new Set(['task', 'dataset', 'import', 'assignment', 'annotation', 'project']);

/** One entry with all that is on record, and the proof that it is in the log. */
export function EntryDrawer({ entryId, close, ask }: EntryDrawerProps) {
  const entry = $api.useQuery('get', '/api/v1/audit/entries/{entry_id}', { params: { path: { entry_id: entryId } } });
  const copyButton = useRef<HTMLButtonElement>(null);
  useMarkings([entry.data?.marking]);
  return (
    <Drawer
      opened
      onClose={close}
      position="right"
      size={520}
      title="Entry of the audit log"
      closeButtonProps={{ 'aria-label': 'Close the entry' }}
      classNames={{ content: css.drawer, title: css.drawerTitle }}
      onKeyDown={(event) => {
        // The keys of the page rest while a dialog is open.
        if (event.key === 'c' && !event.ctrlKey && !event.metaKey && !event.altKey) copyButton.current?.click();
      }}
    >
      {entry.error && <ErrorNote error={entry.error} retry={() => void entry.refetch()} />}
      {entry.isPending && !entry.error && <Skeleton height={280} radius={8} />}
      {entry.data && <Opened entry={entry.data} ask={ask} copyButton={copyButton} />}
    </Drawer>
  );
}

interface OpenedProps {
  entry: AuditEntryDetail;
  ask: EntryDrawerProps['ask'];
  copyButton: Ref<HTMLButtonElement>;
}

function Opened({ entry, ask, copyButton }: OpenedProps) {
  const [copied, setCopied] = useState(false);
  const { proof } = entry;
  const copy = async () => {
    if (!proof) return;
    await navigator.clipboard.writeText(JSON.stringify(proof.document, null, 2));
    setCopied(true);
  };
  return (
    <div className={css.entry}>
      <div className={css.entryHead}>
        <h2>{act(entry)}</h2>
        <MarkingBadge marking={entry.marking} full />
      </div>
      {entry.erased && <Note tone="warn">What this entry said was erased. That it was there, and when, stays on record and provable.</Note>}
      <dl className={css.facts}>
        <Row name="When">{instant(entry.at)}</Row>
        {!entry.erased && (
          <>
            <Row name="Who">
              {actor(entry)}
              {entry.actor && (
                <Button size="compact-xs" variant="subtle" onClick={() => ask({ person: entry.actor!.id })}>
                  What else did they see?
                </Button>
              )}
            </Row>
            <Row name="Known by">{means(entry.how)}</Row>
            <Row name="Could see">{entry.clearance || 'not known'}</Row>
            <Row name="Worked at">{entry.level}</Row>
            <Row name="Act">
              <code>{entry.action}</code>
            </Row>
            <Row name="Thing">
              {capital(kindName(entry.kind))}
              {entry.object_id && (
                <>
                  <code>{entry.object_id}</code>
                  {entry.people.find((person) => person.id === entry.object_id)?.name}
                  {entry.kind !== 'person' && (
                    <Button size="compact-xs" variant="subtle" onClick={() => ask({ thing: entry.object_id! })}>
                      Who else saw it?
                    </Button>
                  )}
                  {TRACED.has(entry.kind) && (
                    <Link to="/trace/$kind/$thingId" params={{ kind: entry.kind, thingId: entry.object_id }}>
                      Trace
                    </Link>
                  )}
                </>
              )}
            </Row>
            <Row name="Outcome">{entry.outcome}</Row>
            {Object.entries(entry.facts).map(([name, value]) => (
              <Row key={name} name={capital(name.replaceAll('_', ' '))}>
                <span className={css.fact}>{fact(value, entry.people)}</span>
              </Row>
            ))}
            {entry.request_id && (
              <Row name="Request">
                <code>{entry.request_id}</code>
              </Row>
            )}
          </>
        )}
        <Row name="Entry">
          <code>{entry.entry_id}</code>
        </Row>
      </dl>
      <section className={css.proof} aria-label="Proof">
        <h3>Proof</h3>
        {!proof && <Note>{entry.withheld}</Note>}
        {proof && (
          <>
            <Note tone={proof.intact ? 'good' : 'warn'}>
              {proof.intact ? (
                <>
                  Entry {proof.number.toLocaleString('en-GB')} of {proof.size.toLocaleString('en-GB')} in the log, unchanged since it was taken up.
                </>
              ) : (
                <>
                  <b>This entry isn’t what the log took up.</b> Somebody changed the database. <code>strongroom audit verify</code> says where else.
                </>
              )}
            </Note>
            <ProofDrawing proof={proof} />
            <p className={css.quiet}>Each step adds one hash, up to the root under a signed checkpoint. Whoever holds the log’s public key can follow it without this server.</p>
            <Button ref={copyButton} variant="default" leftSection={<IconCopy size={15} aria-hidden />} rightSection={<Key k="c" />} onClick={() => void copy()}>
              Copy for verification
            </Button>
            {copied && (
              <Note tone="good">
                Copied. Save it as a file and run <code>python strongroom_verify.py FILE</code>; the program comes with every export.
              </Note>
            )}
          </>
        )}
      </section>
    </div>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
