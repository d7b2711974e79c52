/** The rules of a project with what is usual filled in. */
import type { Rules } from '../../../api/types';

type Ask = Required<NonNullable<Rules['ask']>>;
type Gold = Required<NonNullable<Rules['gold']>>;
type Qualify = Required<NonNullable<Rules['qualify']>>;
type Review = Required<NonNullable<Rules['review']>>;

export const USUAL: Rules = { consensus: 'model', ask: null, gold: null, training: false, qualify: null, review: { below: 0.7, own: false } };

export const askOf = (rules: Rules): Ask => ({ confidence: 0.95, least: 2, most: 5, budget: null, ...rules.ask });
export const goldOf = (rules: Rules): Gold => ({ rate: 0.1, pause_below: null, pause_after: 10, ...rules.gold });
export const qualifyOf = (rules: Rules): Qualify => ({ answers: 5, score: 0.8, ...rules.qualify });
export const reviewOf = (rules: Rules): Review => rules.review;

/** Only what isn't as usual: what a form file needs to say. Null where nothing is left. */
export function unusual(rules: Rules): Partial<Rules> | null {
  const said = Object.entries({ ...USUAL, ...rules }).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(USUAL[name as keyof Rules]));
  return said.length ? (Object.fromEntries(said) as Partial<Rules>) : null;
}
