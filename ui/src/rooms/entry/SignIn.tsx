import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { enterSession } from '../../api/session';
import { SignInForm } from '../../app/SignInForm';
import { Gate } from './Gate';

/** An address inside this site to go to after signing in; anything else goes home. */
export const inside = (then: string | undefined): string => (then && /^\/(?![/\\])/.test(then) ? then : '/');

export function SignIn() {
  const { then } = getRouteApi('/sign-in').useSearch();
  const navigate = useNavigate();
  return (
    <Gate title="Sign in" sub="With the account that your administrator made for you.">
      <SignInForm
        onEntered={(session) => {
          enterSession(session);
          void navigate({ href: inside(then), replace: true });
        }}
      />
    </Gate>
  );
}
