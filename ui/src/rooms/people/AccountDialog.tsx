import { Button, Checkbox, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { client } from '../../api/client';
import type { PersonOut } from '../../api/types';
import { ErrorNote } from '../../components/ErrorNote';
import { Key } from '../../components/Key';
import { Note } from '../../components/Note';
import { DUTIES, type Duty } from './duties';
import classes from './people.module.css';

interface AccountDialogProps {
  person: PersonOut;
  self: boolean;
  close: () => void;
  done: (message: string) => void;
}

/** Name, duties, open or closed. One's own duties and account are for another administrator. */
export function AccountDialog({ person, self, close, done }: AccountDialogProps) {
  const [name, setName] = useState(person.name);
  const [duties, setDuties] = useState<Duty[]>(person.duties);
  const [closing, setClosing] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const changed = name.trim() !== person.name || duties.toSorted().join() !== person.duties.toSorted().join();

  const send = async (body: { name?: string; active?: boolean; duties?: Duty[] }, message: string) => {
    setBusy(true);
    setError(null);
    try {
      await client.PATCH('/api/v1/people/{person_id}', { params: { path: { person_id: person.id } }, body });
      done(message);
      close();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const save = () => {
    if (changed && name.trim()) void send({ name: name.trim(), ...(self ? {} : { duties }) }, `${name.trim()} was changed.`);
  };
  return (
    <Modal opened onClose={close} title={`Account of ${person.name}`} size={520}>
      <form
        className={classes.dialog}
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <TextInput data-autofocus label="Name" maxLength={200} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <TextInput label="Login" description="Stays: answers and records hold it." value={person.login} readOnly />
        <Checkbox.Group label="Duties" value={duties} onChange={setDuties}>
          <div className={classes.checks}>
            {Object.entries(DUTIES).map(([duty, { title, says }]) => (
              <Checkbox key={duty} value={duty} label={title} description={says} disabled={self} />
            ))}
          </div>
        </Checkbox.Group>
        {self && <Note>Nobody changes their own duties or closes their own account: another administrator does, so that there is always one.</Note>}
        {error != null && <ErrorNote error={error} />}
        {closing ? (
          <div className={classes.confirm}>
            <p>
              {person.name} is signed out everywhere and their API tokens end, both at once. What they did stays. The account can be opened again.
            </p>
            <div className={classes.buttons}>
              <Button variant="default" onClick={() => setClosing(false)}>
                Keep it open
              </Button>
              <Button color="red" loading={busy} onClick={() => void send({ active: false }, `The account of ${person.name} is closed.`)}>
                Close the account
              </Button>
            </div>
          </div>
        ) : (
          <div className={classes.buttons}>
            {!self &&
              (person.active ? (
                <Button className={classes.left} variant="default" onClick={() => setClosing(true)}>
                  Close the account…
                </Button>
              ) : (
                <Button className={classes.left} variant="default" loading={busy} onClick={() => void send({ active: true }, `The account of ${person.name} is open again.`)}>
                  Open the account again
                </Button>
              ))}
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={busy} disabled={!changed || !name.trim()} rightSection={<Key k="Enter" />}>
              Save
            </Button>
          </div>
        )}
      </form>
    </Modal>
  );
}
