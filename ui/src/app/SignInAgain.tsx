import { Modal } from '@mantine/core';
import { useEffect, useState } from 'react';
import { onSignedOut } from '../api/client';
import { enterSession, useSession } from '../api/session';
import type { SessionOut } from '../api/types';
import { SignInForm } from './SignInForm';

/** When the session ends while a page is open: sign in over it, and go on where one was. */
export function SignInAgain() {
  const { person } = useSession();
  const [opened, setOpened] = useState(false);
  useEffect(() => onSignedOut(() => setOpened(true)), []);

  const entered = (session: SessionOut) => {
    // Someone else must not find this person's work on the screen.
    if (session.person.id !== person.id) return location.assign('/');
    enterSession(session);
    setOpened(false);
  };
  return (
    <Modal opened={opened} onClose={() => {}} withCloseButton={false} closeOnEscape={false} closeOnClickOutside={false} title="You were signed out" size={380}>
      <p>Your session has ended. Nothing on this page is lost: sign in and go on.</p>
      <SignInForm login={person.login} onEntered={entered} />
    </Modal>
  );
}
