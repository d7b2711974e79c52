import { Button, Checkbox, Modal, Select, Skeleton, Switch, TextInput } from '@mantine/core';
import IconPlus from '@tabler/icons-react/dist/esm/icons/IconPlus.mjs';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { $api, client } from '../../api/client';
import { useSession } from '../../api/session';
import type { TokenOut } from '../../api/types';
import { ErrorNote } from '../../components/ErrorNote';
import { Key } from '../../components/Key';
import { Card } from '../../components/Page';
import { useKeys } from '../../lib/keys';
import { useVocabulary } from '../data/marking/useVocabulary';
import { ago } from '../manage/figures';
import { heldOf, jsonOf, words, type Held } from './clearance';
import { ClearanceFields } from './ClearanceFields';
import { OneTimeSecret } from './OneTimeSecret';
import classes from './people.module.css';

type Scope = TokenOut['scopes'][number];

const SCOPES: Record<Scope, string> = {
  read: 'see what you may see',
  label: 'take tasks and answer them',
  manage: 'create projects, bring texts in, make datasets',
  admin: 'accounts and clearances, as far as your duties go',
};
const LIVES = [7, 30, 90, 365] as const;

/** Tokens for programs that act in my name, never with more than I have. */
export function Tokens() {
  const queries = useQueryClient();
  const tokens = $api.useQuery('get', '/api/v1/tokens');
  const { vocabulary } = useVocabulary();
  const [making, setMaking] = useState(false);
  const [error, setError] = useState<unknown>(null);
  useKeys([{ keys: 'n', label: 'Make an API token', group: 'Account', run: () => setMaking(true) }]);
  const refresh = () => void queries.invalidateQueries({ queryKey: ['get', '/api/v1/tokens'] });
  const withdraw = async (token: TokenOut) => {
    setError(null);
    try {
      await client.DELETE('/api/v1/tokens/{token_id}', { params: { path: { token_id: token.id } } });
      refresh();
    } catch (problem) {
      setError(problem);
    }
  };
  const items = tokens.data?.items ?? [];
  return (
    <Card
      title="API tokens"
      aside={
        <Button size="xs" variant="default" leftSection={<IconPlus size={14} aria-hidden />} rightSection={<Key k="n" />} onClick={() => setMaking(true)}>
          Make a token
        </Button>
      }
    >
      {tokens.error && <ErrorNote error={tokens.error} retry={() => void tokens.refetch()} />}
      {error != null && <ErrorNote error={error} close={() => setError(null)} />}
      {tokens.isPending && !tokens.error && <Skeleton height={50} radius={6} />}
      {tokens.data && items.length === 0 && <p className={classes.quiet}>None. A token lets a program, such as the command line, act in your name: with the scopes you give it, until it ends.</p>}
      {items.length > 0 && (
        <ul className={classes.tokens} aria-label="API tokens">
          {items.map((token) => {
            const ended = new Date(token.expires_at) <= new Date();
            return (
              <li key={token.id}>
                <div>
                  <b>{token.name}</b> {ended && <em data-off>ended</em>}
                  <small>
                    {token.scopes.join(', ')} · {ended ? 'ended' : 'ends'} {new Date(token.expires_at).toLocaleDateString('en-GB', { dateStyle: 'medium' })} · {token.seen_at ? `last used ${ago(token.seen_at, new Date())}` : 'never used'}
                    {token.ceiling && vocabulary && <> · sees at most: {words(vocabulary, heldOf(vocabulary, token.ceiling.json))}</>}
                  </small>
                </div>
                <Button size="compact-xs" variant="default" aria-label={`Withdraw the token ${token.name}`} onClick={() => void withdraw(token)}>
                  Withdraw
                </Button>
              </li>
            );
          })}
        </ul>
      )}
      {making && <Maker close={() => setMaking(false)} made={refresh} />}
    </Card>
  );
}

function Maker({ close, made }: { close: () => void; made: () => void }) {
  const session = useSession();
  const { vocabulary } = useVocabulary();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<Scope[]>(['read']);
  const [days, setDays] = useState('90');
  const [ceiling, setCeiling] = useState<Held | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [secret, setSecret] = useState('');
  const make = async () => {
    if (!name.trim() || !scopes.length || busy) return;
    setBusy(true);
    setError(null);
    try {
      const { data } = await client.POST('/api/v1/tokens', { body: { name: name.trim(), scopes, expires_in_days: Number(days), ...(ceiling ? { ceiling: jsonOf(ceiling) } : {}) } });
      made();
      setSecret(data!.token!);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  if (secret)
    return (
      <Modal opened onClose={close} title={`The token “${name.trim()}”`} size={560} closeOnClickOutside={false}>
        <div className={classes.dialog}>
          <OneTimeSecret label="API token" value={secret} note="It is shown only now; only its fingerprint is stored. Whoever has it acts in your name." />
          <div className={classes.buttons}>
            <Button data-autofocus onClick={close}>
              Done
            </Button>
          </div>
        </div>
      </Modal>
    );
  return (
    <Modal opened onClose={close} title="Make an API token" size={620}>
      <form
        className={classes.dialog}
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <TextInput data-autofocus label="Name" description="What it is for" autoComplete="off" maxLength={200} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Checkbox.Group label="It may" value={scopes} onChange={setScopes}>
          <div className={classes.checks}>
            {Object.entries(SCOPES).map(([scope, says]) => (
              <Checkbox key={scope} value={scope} label={scope} description={says} />
            ))}
          </div>
        </Checkbox.Group>
        <Select className={classes.short} label="It lives" allowDeselect={false} data={LIVES.map((each) => ({ value: String(each), label: each === 365 ? 'a year' : `${each} days` }))} value={days} onChange={(value) => setDays(value!)} />
        <Switch label="It sees less than I do" checked={ceiling !== null} onChange={(event) => setCeiling(event.currentTarget.checked && vocabulary ? heldOf(vocabulary, session.clearance.json) : null)} />
        {ceiling && vocabulary && (
          <>
            <ClearanceFields vocabulary={vocabulary} held={ceiling} change={setCeiling} />
            <div className={classes.result} aria-live="polite">
              <span>At most, and never more than you:</span>
              <b>{words(vocabulary, ceiling)}</b>
            </div>
          </>
        )}
        {error != null && <ErrorNote error={error} />}
        <div className={classes.buttons}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={!name.trim() || !scopes.length} rightSection={<Key k="Enter" />}>
            Make the token
          </Button>
        </div>
      </form>
    </Modal>
  );
}
