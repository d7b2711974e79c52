import { Button, PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { client } from '../../api/client';
import { useSession } from '../../api/session';
import { ErrorNote } from '../../components/ErrorNote';
import { Note } from '../../components/Note';
import { Card } from '../../components/Page';
import classes from './people.module.css';

const SHORTEST = 10;

/** Changes my password and ends my other sessions. */
export function Password() {
  const { person } = useSession();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState(false);
  const save = async () => {
    setBusy(true);
    setError(null);
    setSaid(false);
    try {
      await client.PUT('/api/v1/session/password', { body: { new: next, ...(current ? { current } : {}) } });
      setSaid(true);
      setCurrent('');
      setNext('');
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Card title="Password">
      <form
        className={classes.password}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {/* Password keepers look for the account that a password belongs to. */}
        <input type="text" name="username" autoComplete="username" value={person.login} readOnly hidden />
        <PasswordInput label="Present password" description="Empty if you came with a link and have none yet" autoComplete="current-password" value={current} onChange={(event) => setCurrent(event.currentTarget.value)} />
        <PasswordInput label="New password" description={`At least ${SHORTEST} characters; a sentence is best`} autoComplete="new-password" value={next} onChange={(event) => setNext(event.currentTarget.value)} />
        <div>
          <Button type="submit" variant="default" loading={busy} disabled={next.length < SHORTEST}>
            Change the password
          </Button>
        </div>
      </form>
      {said && <Note tone="good">Your password is changed. Your other sessions have ended.</Note>}
      {error != null && <ErrorNote error={error} close={() => setError(null)} />}
    </Card>
  );
}
