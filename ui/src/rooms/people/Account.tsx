import { Button } from '@mantine/core';
import IconLogout from '@tabler/icons-react/dist/esm/icons/IconLogout.mjs';
import { useState } from 'react';
import { setLevel, signOut, useSession } from '../../api/session';
import { useMarkings } from '../../app/markings';
import { ErrorNote } from '../../components/ErrorNote';
import { Note } from '../../components/Note';
import { Card, Page } from '../../components/Page';
import { LevelChoice } from '../data/marking/LevelChoice';
import { useVocabulary } from '../data/marking/useVocabulary';
import { heldOf, words } from './clearance';
import { DUTIES } from './duties';
import { Password } from './Password';
import classes from './people.module.css';
import { Tokens } from './Tokens';

/** My own account: what I may see, at which level I work, the programs that act for me. */
export function Account() {
  const session = useSession();
  const { vocabulary } = useVocabulary();
  const [error, setError] = useState<unknown>(null);
  const [said, setSaid] = useState('');
  useMarkings([session.level]);
  const change = async (text: string) => {
    setError(null);
    setSaid('');
    try {
      await setLevel(text);
      setSaid(`You work at ${text} now.`);
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <Page
      title={session.person.name}
      sub={`${session.person.login}${session.person.duties.length ? ` · ${session.person.duties.map((duty) => DUTIES[duty].title).join(', ')}` : ''}`}
      actions={
        <Button variant="default" leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void signOut()}>
          Sign out
        </Button>
      }
    >
      <Card title="What I may see">
        <p className={classes.clearance}>{vocabulary ? words(vocabulary, heldOf(vocabulary, session.clearance.json)) : session.clearance.text}</p>
        <p className={classes.quiet}>Your clearance, in the scheme “{session.scheme.title}”. A security officer gives it, another person than you; ask one if it isn’t right.</p>
      </Card>
      <Card title="Working level">
        <LevelChoice label="I work at" value={session.level.text} change={(text) => void change(text)} says="What you make (a project, an import, a dataset) is marked so. What you may see doesn’t depend on it." />
        {said && <Note tone="good">{said}</Note>}
        {error != null && <ErrorNote error={error} close={() => setError(null)} />}
      </Card>
      <Tokens />
      <Password />
    </Page>
  );
}
