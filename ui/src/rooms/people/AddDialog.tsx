import { Button, Checkbox, Modal, PasswordInput, SegmentedControl, TextInput } from '@mantine/core';
import { useRef, useState } from 'react';
import { client } from '../../api/client';
import type { NewPersonOut } from '../../api/types';
import { ErrorNote } from '../../components/ErrorNote';
import { Key } from '../../components/Key';
import { DUTIES, type Duty } from './duties';
import { OneTimeSecret } from './OneTimeSecret';
import classes from './people.module.css';

/** Adds an account, with a link for the first sign-in or with a password. The link is shown once. */
export function AddDialog({ close, done }: { close: () => void; done: (message: string) => void }) {
  const [name, setName] = useState('');
  const [login, setLogin] = useState('');
  const [touched, setTouched] = useState(false);
  const [way, setWay] = useState<'link' | 'password'>('link');
  const [password, setPassword] = useState('');
  const [duties, setDuties] = useState<Duty[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState<NewPersonOut | null>(null);
  const attempt = useRef(crypto.randomUUID());
  const suggested = name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .trim()
    .replace(/[^a-z0-9]+/g, '.')
    .replace(/^\.+|\.+$/g, '');
  const wanted = touched ? login.trim() : suggested;
  const wrong = wanted && !/^[a-z0-9][a-z0-9._-]{0,63}$/.test(wanted) ? 'Small letters, digits, dots and hyphens' : undefined;
  const ready = name.trim() !== '' && wanted !== '' && !wrong && (way === 'link' || password !== '');

  const add = async () => {
    if (!ready || busy) return;
    setBusy(true);
    setError(null);
    try {
      const { data } = await client.POST('/api/v1/people', {
        body: { login: wanted, name: name.trim(), duties, ...(way === 'password' ? { password } : {}) },
        headers: { 'Idempotency-Key': attempt.current },
      });
      done(`${data!.name} has an account now. A security officer says what they may see; until then it is only what is for everyone.`);
      if (data!.sign_in_link) setMade(data!);
      else close();
    } catch (problem) {
      setError(problem);
      attempt.current = crypto.randomUUID();
    } finally {
      setBusy(false);
    }
  };

  if (made)
    return (
      <Modal opened onClose={close} title={`${made.name} was added`} size={560} closeOnClickOutside={false}>
        <div className={classes.dialog}>
          <OneTimeSecret label="Link for the first sign-in" value={`${location.origin}/enter#${made.sign_in_link}`} note="It works once, and it is shown only now. Give it to nobody else: whoever opens it is signed in as this person." />
          <div className={classes.buttons}>
            <Button data-autofocus onClick={close}>
              Done
            </Button>
          </div>
        </div>
      </Modal>
    );
  return (
    <Modal opened onClose={close} title="Add a person" size={520}>
      <form
        className={classes.dialog}
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <TextInput data-autofocus label="Name" autoComplete="off" maxLength={200} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <TextInput
          label="Login"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={touched ? login : suggested}
          error={wrong}
          onChange={(event) => {
            setTouched(true);
            setLogin(event.currentTarget.value);
          }}
        />
        <div>
          <span className={classes.label}>First sign-in</span>
          <SegmentedControl
            aria-label="First sign-in"
            value={way}
            data={[
              { value: 'link', label: 'With a one-time link' },
              { value: 'password', label: 'With a password' },
            ]}
            onChange={(value) => setWay(value as 'link' | 'password')}
          />
        </div>
        {way === 'password' && <PasswordInput label="Password" description="Tell it to the person in private; they can change it." autoComplete="new-password" value={password} onChange={(event) => setPassword(event.currentTarget.value)} />}
        <Checkbox.Group label="Duties" description="Most people have none: what they do in projects are roles." value={duties} onChange={setDuties}>
          <div className={classes.checks}>
            {Object.entries(DUTIES).map(([duty, { title, says }]) => (
              <Checkbox key={duty} value={duty} label={title} description={says} />
            ))}
          </div>
        </Checkbox.Group>
        {error != null && <ErrorNote error={error} />}
        <div className={classes.buttons}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={!ready} rightSection={<Key k="Enter" />}>
            Add
          </Button>
        </div>
      </form>
    </Modal>
  );
}
