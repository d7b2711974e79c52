import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { client } from '../api/client';
import type { SessionOut } from '../api/types';
import { withoutTitle } from '../api/problem';
import { ErrorNote } from '../components/ErrorNote';
import css from './SignInForm.module.css';

export function SignInForm({ login: known = '', onEntered }: { login?: string; onEntered: (session: SessionOut) => void }) {
  const [login, setLogin] = useState(known);
  const [password, setPassword] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      onEntered((await client.POST('/api/v1/session', { body: { login: login.trim(), password } })).data!);
    } catch (problem) {
      setError(withoutTitle(problem));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={css.form} onSubmit={(event) => void submit(event)}>
      <TextInput label="Login" name="login" autoComplete="username" autoCapitalize="none" spellCheck={false} required withAsterisk={false} autoFocus={!known} data-autofocus={!known || undefined} value={login} onChange={(event) => setLogin(event.currentTarget.value)} />
      <PasswordInput label="Password" name="password" autoComplete="current-password" required withAsterisk={false} autoFocus={!!known} data-autofocus={!!known || undefined} value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
      {error != null && <ErrorNote error={error} />}
      <Button type="submit" loading={busy} fullWidth>
        Sign in
      </Button>
    </form>
  );
}
