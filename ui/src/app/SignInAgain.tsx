import { Button, Modal } from '@mantine/core';
import { useEffect, useState } from 'react';
import { client, onSignedOut } from '../api/client';
import { enterSession, useSession } from '../api/session';
import type { SessionOut } from '../api/types';
import { SignInForm } from './SignInForm';
import css from './SignInForm.module.css';

/** When the session ends while a page is open: sign in over it, and go on where one was. */
export function SignInAgain() {
  const { person } = useSession();
  const [opened, setOpened] = useState(false);
  const [away, setAway] = useState(false);
  useEffect(() => onSignedOut(() => setOpened(true)), []);

  const entered = (session: SessionOut) => {
    // Someone else must not find this person's work on the screen.
    if (session.person.id !== person.id) return location.assign('/');
    enterSession(session);
    setOpened(false);
  };
  const look = async () => {
    try {
      entered((await client.GET('/api/v1/session')).data!);
    } catch {
      setAway(true);
    }
  };
  return (
    <Modal opened={opened} onClose={() => {}} withCloseButton={false} closeOnEscape={false} closeOnClickOutside={false} title="You were signed out" size={380}>
      <p>Your session has ended. Nothing on this page is lost: sign in and go on.</p>
      <SignInForm login={person.login} onEntered={entered} />
      <div className={css.elsewhere}>
        {away && <span role="status">Not yet: this browser is still signed out.</span>}
        <Button variant="subtle" size="xs" onClick={() => void look()}>
          I have signed in in another window
        </Button>
      </div>
    </Modal>
  );
}
