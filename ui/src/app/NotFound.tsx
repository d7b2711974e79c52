import { Link } from '@tanstack/react-router';
import { EmptyState } from '../components/EmptyState';

export function NotFound() {
  return (
    <EmptyState title="There is no page here" hint="The address may be mistyped, or it is something you can’t see.">
      <Link to="/">Go home</Link>
    </EmptyState>
  );
}
