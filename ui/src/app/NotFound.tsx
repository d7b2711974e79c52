import { ButtonLink } from '../components/ButtonLink';
import { EmptyState } from '../components/EmptyState';
import { Page } from '../components/Page';

/** In the place of a view whose address nobody knows. */
export function NotFound() {
  return (
    <Page title="Not found">
      <EmptyState title="There is no page here" hint="The address may be mistyped, or it is something you can’t see.">
        <ButtonLink to="/" variant="default">
          Go home
        </ButtonLink>
      </EmptyState>
    </Page>
  );
}
