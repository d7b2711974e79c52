import { Button, Modal, Skeleton, Textarea } from '@mantine/core';
import { useMemo, useState } from 'react';
import { $api, client } from '../../api/client';
import type { PersonOut } from '../../api/types';
import { ErrorNote } from '../../components/ErrorNote';
import { useVocabulary } from '../data/marking/useVocabulary';
import type { Vocabulary } from '../data/marking/vocabulary';
import { changes, heldOf, jsonOf, words, type Held } from './clearance';
import { ClearanceFields } from './ClearanceFields';
import classes from './people.module.css';

interface ClearanceDialogProps {
  person: PersonOut;
  close: () => void;
  done: (message: string) => void;
}

/** Gives somebody a clearance: what it will be in words, what that changes, and why. */
export function ClearanceDialog({ person, close, done }: ClearanceDialogProps) {
  const { vocabulary, error, retry } = useVocabulary();
  return (
    <Modal opened onClose={close} title={`Clearance of ${person.name}`} size={760}>
      {error && <ErrorNote error={error} retry={retry} />}
      {vocabulary ? <Editor person={person} vocabulary={vocabulary} close={close} done={done} /> : !error && <Skeleton height={260} radius={8} />}
    </Modal>
  );
}

function Editor({ person, vocabulary, close, done }: ClearanceDialogProps & { vocabulary: Vocabulary }) {
  const before = useMemo(() => heldOf(vocabulary, person.clearance?.json), [vocabulary, person]);
  const [held, setHeld] = useState<Held>(before);
  const [reason, setReason] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const change = changes(vocabulary, before, held);
  const changed = change.gives.length + change.takes.length > 0 || !person.clearance;
  const give = async () => {
    if (!changed || !reason.trim() || busy) return;
    setBusy(true);
    setError(null);
    try {
      await client.PUT('/api/v1/people/{person_id}/clearance', { params: { path: { person_id: person.id } }, body: { clearance: jsonOf(held), reason: reason.trim() } });
      done(`${person.name} is cleared: ${words(vocabulary, held)} It holds from their next click on.`);
      close();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <form
      className={classes.dialog}
      onSubmit={(event) => {
        event.preventDefault();
        void give();
      }}
    >
      <ClearanceFields vocabulary={vocabulary} held={held} change={setHeld} />
      <div className={classes.result} aria-live="polite">
        <b>{words(vocabulary, held)}</b>
        {change.gives.length > 0 && <span>Gives {change.gives.join(', ')}.</span>}
        {change.takes.length > 0 && <span>Takes away {change.takes.join(', ')}: from their next click on they see none of it.</span>}
        {!changed && <span>As it is now.</span>}
      </div>
      <Textarea label="Reason" description="It stays in the history, with your name." autosize minRows={2} maxRows={5} maxLength={2000} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
      {error != null && <ErrorNote error={error} />}
      <div className={classes.buttons}>
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button type="submit" loading={busy} disabled={!changed || !reason.trim()}>
          Give this clearance
        </Button>
      </div>
      <History person={person} vocabulary={vocabulary} />
    </form>
  );
}

function History({ person, vocabulary }: { person: PersonOut; vocabulary: Vocabulary }) {
  const history = $api.useQuery('get', '/api/v1/people/{person_id}/clearances', { params: { path: { person_id: person.id } } }, { staleTime: 0 });
  return (
    <section className={classes.history} aria-label="History">
      <h3>History</h3>
      {history.error && <ErrorNote error={history.error} retry={() => void history.refetch()} />}
      {history.isPending && !history.error && <Skeleton height={40} radius={6} />}
      {history.data?.items.length === 0 && <p className={classes.quiet}>Nobody has cleared {person.name} yet.</p>}
      {history.data && history.data.items.length > 0 && (
        <ol>
          {history.data.items.map((grant) => (
            <li key={grant.given_at}>
              <b>{words(vocabulary, heldOf(vocabulary, grant.clearance.json))}</b>
              <span>
                {new Date(grant.given_at).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })}, by {grant.given_by?.name ?? 'an operator at the console'}: {grant.reason}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
