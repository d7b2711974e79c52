import { $api } from '../../api/client';
import { useMarkings } from '../../app/markings';
import { ErrorNote } from '../../components/ErrorNote';
import { Page } from '../../components/Page';

export function Home() {
  const home = $api.useQuery('get', '/api/v1/home');
  useMarkings(home.data?.groups.map((group) => group.marking) ?? []);
  return <Page title="Home">{home.error && <ErrorNote error={home.error} retry={() => void home.refetch()} />}</Page>;
}
