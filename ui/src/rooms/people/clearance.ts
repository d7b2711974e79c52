/** A clearance as it is edited, in words, and what a change gives and takes. */
import { titled, type Titled, type Vocabulary } from '../data/marking/vocabulary';

export interface Held {
  level: string;
  compartments: string[];
  nations: string[];
  circles: string[];
  attributes: string[];
}

const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** What a stored clearance holds; without one, the least level and nothing else. */
export function heldOf(vocabulary: Vocabulary, json: Record<string, unknown> | null | undefined): Held {
  const level = String(json?.level ?? '');
  return {
    level: vocabulary.levels.find((each) => [each.long, each.short, each.banner].includes(level))?.long ?? vocabulary.levels[0]!.long,
    compartments: list(json?.compartments),
    nations: list(json?.nations),
    circles: list(json?.circles),
    attributes: list(json?.attributes),
  };
}

/** As the API takes it: what is not held is left out. */
export function jsonOf(held: Held): Record<string, unknown> {
  const { level, ...rest } = held;
  return { level, ...Object.fromEntries(Object.entries(rest).filter(([, names]) => names.length)) };
}

const named = (names: readonly string[], values: readonly Titled[]): string[] => names.map((name) => titled(values.find((value) => value.name === name) ?? { name, title: '' })).sort();

const joined = (names: readonly string[]): string => (names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`);

const KINDS: Record<Exclude<keyof Held, 'level'>, { one: string; many: string }> = {
  compartments: { one: '', many: '' },
  nations: { one: 'nationality', many: 'nationalities' },
  circles: { one: 'circle', many: 'circles' },
  attributes: { one: 'attribute', many: 'attributes' },
};
type Kind = keyof typeof KINDS;
const kinds = Object.keys(KINDS) as Kind[];

function valuesOf(vocabulary: Vocabulary, kind: Kind): Titled[] {
  if (kind === 'compartments') return vocabulary.compartments.flatMap((block) => block.values);
  if (kind === 'circles') return vocabulary.circles?.values ?? [];
  if (kind === 'nations') return vocabulary.nations?.values ?? [];
  return [];
}

/** "Up to Confidential, with Personal data (PII), in the circles Harbour and Relief." */
export function words(vocabulary: Vocabulary, held: Held): string {
  const parts = kinds.flatMap((kind) => {
    const names = named(held[kind], valuesOf(vocabulary, kind));
    if (!names.length) return [];
    if (kind === 'compartments') return [`with ${joined(names)}`];
    if (kind === 'circles') return [`in the ${names.length > 1 ? 'circles' : 'circle'} ${joined(names)}`];
    return [`${names.length > 1 ? KINDS[kind].many : KINDS[kind].one} ${joined(names)}`];
  });
  return `Up to ${held.level}${parts.map((part) => `, ${part}`).join('')}.`;
}

export interface Change {
  gives: string[];
  takes: string[];
}

/** What the new clearance has more, and what less, than the old one. */
export function changes(vocabulary: Vocabulary, before: Held, after: Held): Change {
  const rank = (held: Held) => vocabulary.levels.find((level) => level.long === held.level)?.rank ?? 0;
  const gives: string[] = [];
  const takes: string[] = [];
  if (rank(after) > rank(before)) gives.push(`the level ${after.level}`);
  if (rank(after) < rank(before)) takes.push(`the level ${before.level}`);
  for (const kind of kinds) {
    const label = (name: string) => {
      const [text] = named([name], valuesOf(vocabulary, kind));
      return `${KINDS[kind].one ? `${KINDS[kind].one} ` : ''}${text}`;
    };
    gives.push(...after[kind].filter((name) => !before[kind].includes(name)).map(label));
    takes.push(...before[kind].filter((name) => !after[kind].includes(name)).map(label));
  }
  return { gives, takes };
}

/** Splits the compartments that are held by the block that they belong to, so that each block has its own field. */
export function byBlock(vocabulary: Vocabulary, names: readonly string[]): Record<string, string[]> {
  const found: Record<string, string[]> = Object.fromEntries(vocabulary.compartments.map((block) => [block.key, []]));
  for (const name of names) {
    const block =
      vocabulary.compartments.find((each) => each.values.some((value) => value.name === name || name.startsWith(`${value.name}-`))) ??
      vocabulary.compartments.find((each) => each.prefix && name.startsWith(each.prefix)) ??
      vocabulary.compartments.find((each) => each.open !== null) ??
      vocabulary.compartments[0];
    if (block) found[block.key]!.push(name);
  }
  return found;
}
