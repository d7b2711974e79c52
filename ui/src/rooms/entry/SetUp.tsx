import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect, useState, type FormEvent } from 'react';
import { client } from '../../api/client';
import { enterSession } from '../../api/session';
import { ErrorNote } from '../../components/ErrorNote';
import form from '../../app/SignInForm.module.css';
import { Gate } from './Gate';

/** The first run: the one who started the server makes the first account with the link, or the token, from its console. */
export function SetUp() {
  const navigate = useNavigate();
  const [fields, setFields] = useState({ token: '', login: '', name: '', password: '' });
  const given = useLocation({ select: (at) => at.hash });
  useEffect(() => {
    if (given) setFields((now) => ({ ...now, token: given }));
  }, [given]);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const set = (name: keyof typeof fields) => (event: { currentTarget: HTMLInputElement }) => {
    const { value } = event.currentTarget;
    setFields((now) => ({ ...now, [name]: value }));
  };

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      enterSession((await client.POST('/api/v1/setup', { body: { ...fields, token: fields.token.trim(), login: fields.login.trim() } })).data!);
      await navigate({ to: '/', replace: true });
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Gate title="Set up this place" sub="Nobody has an account here yet. The set-up token stands on the console of the server, where it was started.">
      <form className={form.form} onSubmit={(event) => void submit(event)}>
        <TextInput label="Set-up token" name="token" autoComplete="off" spellCheck={false} required withAsterisk={false} autoFocus={!given} value={fields.token} onChange={set('token')} />
        <TextInput label="Your name" name="name" autoComplete="name" required withAsterisk={false} autoFocus={!!given} value={fields.name} onChange={set('name')} />
        <TextInput label="Login" name="login" autoComplete="username" autoCapitalize="none" spellCheck={false} required withAsterisk={false} value={fields.login} onChange={set('login')} />
        <PasswordInput label="Password" name="password" description="At least 12 characters; a sentence is best." autoComplete="new-password" minLength={12} required withAsterisk={false} value={fields.password} onChange={set('password')} />
        {error != null && <ErrorNote error={error} />}
        <Button type="submit" loading={busy} fullWidth>
          Make the first account
        </Button>
      </form>
    </Gate>
  );
}
