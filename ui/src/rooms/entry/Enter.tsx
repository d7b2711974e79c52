import { Link, useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { client } from '../../api/client';
import { withoutTitle } from '../../api/problem';
import { enterSession } from '../../api/session';
import { ErrorNote } from '../../components/ErrorNote';
import { Gate } from './Gate';

/** A one-time link, `/enter#token`: the token is after the #, so that no server and no log ever sees it in an address. */
export function Enter() {
  const navigate = useNavigate();
  const [error, setError] = useState<unknown>(null);
  const token = useLocation({ select: (at) => at.hash });
  const sent = useRef('');

  useEffect(() => {
    if (token === sent.current) return;
    sent.current = token;
    // Out of the address at once: it must not be bookmarked, shared or seen over a shoulder.
    history.replaceState(history.state, '', '/enter');
    if (!token) return;
    setError(null);
    void (async () => {
      try {
        enterSession((await client.POST('/api/v1/session/link', { body: { token } })).data!);
        await navigate({ to: '/', replace: true });
      } catch (problem) {
        setError(withoutTitle(problem));
      }
    })();
  }, [token, navigate]);

  return (
    <Gate title={error ? 'This link doesn’t open' : 'Signing you in'}>
      {error != null && (
        <>
          <ErrorNote error={error} />
          <p>
            <Link to="/sign-in">Sign in with a password</Link>
          </p>
        </>
      )}
    </Gate>
  );
}
