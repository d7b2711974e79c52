import { Button, Modal, Textarea } from '@mantine/core';
import { useState } from 'react';
import { clientAt } from '../../api/client';
import type { ThingOut } from '../../api/types';
import { ErrorNote } from '../../components/ErrorNote';
import { MarkingBadge } from '../../components/MarkingBadge';
import { MarkingBuilder } from '../data/marking/MarkingBuilder';
import { useMarking } from '../data/marking/useMarking';
import { useJoin } from '../data/useJoin';
import { kindName } from './kinds';
import css from './custody.module.css';

interface RemarkDialogProps {
  thing: ThingOut;
  close: () => void;
  done: (message: string) => void;
}

/** Another marking for a thing: says beforehand whether it holds at once or waits for a second person. */
export function RemarkDialog({ thing, close, done }: RemarkDialogProps) {
  const [text, setText] = useState(thing.marking.text);
  const [reason, setReason] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const checked = useMarking(text);
  const wanted = checked.state === 'good' ? checked.marking : null;
  const join = useJoin(wanted ? [thing.marking, wanted] : [thing.marking]);
  const same = wanted?.text === thing.marking.text;
  const raises = wanted !== null && join.marking?.text === wanted.text;
  const ready = wanted !== null && !same && reason.trim().length > 2;
  const send = async () => {
    if (!ready || busy) return;
    setBusy(true);
    setError(null);
    try {
      const { data } = await clientAt(thing.marking.text).POST('/api/v1/remarkings', {
        body: { kind: thing.kind, thing_id: thing.id, to: wanted.text, reason: reason.trim() },
        headers: { 'Idempotency-Key': crypto.randomUUID() },
      });
      done(data!.state === 'done' ? `It is marked ${data!.to.text} now, and everything that came of it at least that.` : 'Your request waits for a security officer.');
      close();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={close} title={`Another marking for this ${kindName(thing.kind)}`} size={680}>
      <form
        className={css.dialog}
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <p className={css.now}>
          Marked now: <MarkingBadge marking={thing.marking} full />
        </p>
        <MarkingBuilder label="The marking it should have" text={text} change={setText} />
        <div className={css.result} aria-live="polite">
          {wanted === null || same ? (
            <span>Choose another marking than it has.</span>
          ) : raises ? (
            <>
              <b>This raises it: it holds at once.</b>
              <span>Everything that came of it rises with it, at least as far. You may lose sight of it yourself.</span>
            </>
          ) : (
            <>
              <b>This lowers it, or turns it aside: a second person has to agree.</b>
              <span>Until a security officer says yes nothing changes. It can’t go below what it was made from.</span>
            </>
          )}
        </div>
        <Textarea label="Reason" description="It stays on record, with your name." autosize minRows={2} maxRows={5} maxLength={2000} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
        {error != null && <ErrorNote error={error} />}
        <div className={css.buttons}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={!ready}>
            {wanted && !same && !raises ? 'Ask for this marking' : 'Raise it'}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
