/** A marking as it is picked from the vocabulary, and its text; and back, for a text that can be picked. */
import { isName, type CompartmentBlock, type Vocabulary } from './vocabulary';

export type Release = 'unsaid' | 'nobody' | 'to' | 'display';

export interface Picks {
  /** Long name of the level. */
  level: string;
  /** By key of the block; names with their prefix. */
  compartments: Record<string, string[]>;
  /** Any-of clauses: a reader needs one circle of each. */
  circles: string[][];
  /** Logins, empty for everyone. */
  names: string[];
  caveats: string[];
  release: Release;
  nations: string[];
}

export const bare = (vocabulary: Vocabulary, level = vocabulary.levels[0]!.long): Picks => ({ level, compartments: {}, circles: [], names: [], caveats: [], release: 'unsaid', nations: [] });

/** The banner text that the picks stand for. The server puts names in their order and has the last word. */
export function textOf(vocabulary: Vocabulary, picks: Picks): string {
  const level = vocabulary.levels.find((each) => each.long === picks.level) ?? vocabulary.levels[0]!;
  const parts = [level.banner];
  for (const block of vocabulary.blocks) {
    const words = wordsOf(vocabulary, picks, block);
    if (words.length) parts.push(words.join(vocabulary.within));
  }
  return parts.join(vocabulary.separator);
}

function wordsOf(vocabulary: Vocabulary, picks: Picks, block: Vocabulary['blocks'][number]): string[] {
  if (block.kind === 'compartments') return picks.compartments[block.key] ?? [];
  if (block.kind === 'audiences') return picks.circles.filter((clause) => clause.length).map((clause) => `${vocabulary.circles!.word} ${clause.join(` ${vocabulary.circles!.between} `)}`);
  if (block.kind === 'named') return picks.names.length ? [`${vocabulary.names!.word} ${picks.names.join(', ')}`] : [];
  if (block.kind === 'controls') {
    const words = vocabulary.caveats.filter((caveat) => caveat.block === block.key && picks.caveats.includes(caveat.name)).map((caveat) => caveat.name);
    return vocabulary.nations?.block === block.key ? [...words, ...releaseWords(vocabulary.nations, picks)] : words;
  }
  return [];
}

function releaseWords(nations: NonNullable<Vocabulary['nations']>, picks: Picks): string[] {
  const { nobody, to, display } = nations.release;
  if (picks.release === 'nobody') return [nobody.long];
  const words = picks.release === 'to' ? to : picks.release === 'display' ? display : null;
  const others = picks.nations.filter((nation) => nation !== nations.home);
  if (!words || !others.length) return [];
  return [`${words.prefix}${(words.home_first ? [nations.home, ...others] : others).join(words.between)}${words.suffix}`];
}

/** The picks of a canonical banner text; null where it holds something that can only be typed. */
export function picksOf(vocabulary: Vocabulary, text: string): Picks | null {
  const [head, ...parts] = text.split(vocabulary.separator);
  const level = vocabulary.levels.find((each) => [each.banner, each.long, each.short].includes(head!));
  if (!level) return null;
  const picks = bare(vocabulary, level.long);
  let at = 0;
  for (const part of parts) {
    const words = part.split(vocabulary.within);
    const found = vocabulary.blocks.findIndex((block, index) => index >= at && takes(vocabulary, picks, block, words));
    if (found < 0) return null;
    at = found + 1;
  }
  return picks;
}

/** Puts the words of one block into the picks, if they are all of that block. */
function takes(vocabulary: Vocabulary, picks: Picks, block: Vocabulary['blocks'][number], words: readonly string[]): boolean {
  if (block.kind === 'compartments') {
    const plan = vocabulary.compartments.find((each) => each.key === block.key)!;
    const names = words.map((word, index) => (index > 0 && plan.prefix && !word.startsWith(plan.prefix) ? plan.prefix + word : word));
    if (!names.every((name) => isCompartment(name, plan))) return false;
    picks.compartments[block.key] = names;
    return true;
  }
  if (block.kind === 'audiences') {
    const { word, between, values, open } = vocabulary.circles!;
    if (!words.every((each) => each.startsWith(`${word} `))) return false;
    const clauses = words.map((each) => each.slice(word.length + 1).split(` ${between} `));
    if (!clauses.flat().every((name) => isName(name, values, open))) return false;
    picks.circles = clauses;
    return true;
  }
  if (block.kind === 'named') {
    const { word } = vocabulary.names!;
    if (words.length !== 1 || !words[0]!.startsWith(`${word} `)) return false;
    picks.names = words[0]!.slice(word.length + 1).split(/,\s*/);
    return true;
  }
  if (block.kind !== 'controls') return false;
  const caveats: string[] = [];
  let release: Pick<Picks, 'release' | 'nations'> = { release: 'unsaid', nations: [] };
  for (const word of words) {
    const spoken = vocabulary.nations?.block === block.key ? releaseOf(vocabulary.nations, word) : null;
    const caveat = vocabulary.caveats.find((each) => each.block === block.key && each.name === word);
    if (caveat) caveats.push(caveat.name);
    else if (spoken && release.release === 'unsaid') release = spoken;
    else return false;
  }
  picks.caveats.push(...caveats);
  if (release.release !== 'unsaid') Object.assign(picks, release);
  return true;
}

function isCompartment(name: string, plan: CompartmentBlock): boolean {
  if (isName(name, plan.values, plan.open, plan.prefix)) return true;
  const [, parent, child, rest] = /^([^-]+)-(\S+)((?: \S+)*)$/.exec(name) ?? [];
  if (!parent || !plan.children || !isName(parent, plan.values, plan.open, plan.prefix) || !new RegExp(`^(?:${plan.children})$`).test(child!)) return false;
  return (rest ?? '').split(' ').filter(Boolean).every((each) => plan.grandchildren !== null && new RegExp(`^(?:${plan.grandchildren})$`).test(each));
}

function releaseOf(nations: NonNullable<Vocabulary['nations']>, word: string): Pick<Picks, 'release' | 'nations'> | null {
  const { nobody, to, display } = nations.release;
  if (word === nobody.long) return { release: 'nobody', nations: [] };
  for (const [release, words] of [['to', to], ['display', display]] as const)
    if (words && word.startsWith(words.prefix) && word.endsWith(words.suffix))
      return { release, nations: word.slice(words.prefix.length, word.length - words.suffix.length).split(words.between).filter((name) => name !== nations.home) };
  return null;
}

/** Where typed text goes wrong, cut for display: what stands before, the word at fault, and what follows. */
export function cutAt(text: string, position: number): { before: string; fault: string; after: string } {
  const characters = [...text];
  const fault = /^(?:[^/()]+|.)/u.exec(characters.slice(position).join(''))?.[0] ?? '';
  const before = characters.slice(0, position).join('');
  return { before, fault, after: text.slice(before.length + fault.length) };
}
