import { Page } from '../../components/Page';

export function Desk() {
  return <Page title="Desk">{null}</Page>;
}
