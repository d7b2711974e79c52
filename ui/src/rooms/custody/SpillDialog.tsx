import { Button, Modal, Radio, Textarea } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { clientAt } from '../../api/client';
import { queryClient } from '../../api/session';
import type { ThingOut } from '../../api/types';
import { ErrorNote } from '../../components/ErrorNote';
import { MarkingBadge } from '../../components/MarkingBadge';
import { MarkingBuilder } from '../data/marking/MarkingBuilder';
import { useMarking } from '../data/marking/useMarking';
import { kindName } from './kinds';
import css from './custody.module.css';

/** Reports that something was marked too low or should not be here. It is out of sight with everybody's next click. */
export function SpillDialog({ thing, close }: { thing: ThingOut; close: () => void }) {
  const navigate = useNavigate();
  const [how, setHow] = useState<'purge' | 'marking'>('marking');
  const [text, setText] = useState(thing.marking.text);
  const [reason, setReason] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const checked = useMarking(text);
  const shouldBe = how === 'purge' ? 'purge' : checked.state === 'good' && checked.marking.text !== thing.marking.text ? checked.marking.text : null;
  const ready = shouldBe !== null && reason.trim().length > 2;
  const send = async () => {
    if (!ready || busy) return;
    setBusy(true);
    setError(null);
    try {
      const { data } = await clientAt(thing.marking.text).POST('/api/v1/spills', { body: { kind: thing.kind, thing_id: thing.id, should_be: shouldBe, reason: reason.trim() } });
      await navigate({ to: '/custody/spills/$spillId', params: { spillId: data!.id } });
      // Not before: the page that is left shows what is gone.
      void queryClient.invalidateQueries();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={close} title={`Report a spill: this ${kindName(thing.kind)}`} size={680}>
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
        <Radio.Group label="What is wrong with it?" value={how} onChange={(value) => setHow(value as 'purge' | 'marking')}>
          <div className={css.radios}>
            <Radio value="marking" label="It should have had another marking" />
            <Radio value="purge" label="It should not be here at all" />
          </div>
        </Radio.Group>
        {how === 'marking' && <MarkingBuilder label="The marking it should have had" text={text} change={setText} />}
        <Textarea label="What happened" description="Kept with the spill, at the marking above. Don’t repeat what was spilled." autosize minRows={2} maxRows={5} maxLength={2000} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
        <div className={css.result}>
          <b>It, and everything that came of it, is out of everyone’s sight with their next click.</b>
          <span>Nothing is lost by that. What becomes of it you decide on the next page.</span>
        </div>
        {error != null && <ErrorNote error={error} />}
        <div className={css.buttons}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" color="red" loading={busy} disabled={!ready}>
            Take it out of sight
          </Button>
        </div>
      </form>
    </Modal>
  );
}
