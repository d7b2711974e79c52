/** The words a scheme offers, as `GET /scheme` gives them. */
export interface Titled {
  name: string;
  title: string;
}

export interface CompartmentBlock {
  key: string;
  title: string;
  prefix: string;
  values: Titled[];
  /** Pattern of further names, null where only the listed ones exist. Without the prefix. */
  open: string | null;
  children: string | null;
  grandchildren: string | null;
}

export interface Caveat {
  name: string;
  block: string;
  short: string;
  title: string;
  requires: string[];
  obligations: string[];
  min_rank: number;
  max_rank: number | null;
}

interface ListWords {
  prefix: string;
  suffix: string;
  between: string;
  home_first: boolean;
}

export interface Vocabulary {
  name: string;
  title: string;
  notice: string;
  separator: string;
  within: string;
  blocks: { key: string; kind: string; title: string }[];
  levels: { short: string; long: string; banner: string; colour: string; ink: string; rank: number }[];
  compartments: CompartmentBlock[];
  circles: { title: string; word: string; between: string; values: Titled[]; open: string | null } | null;
  names: { title: string; word: string } | null;
  caveats: Caveat[];
  nations: {
    home: string;
    block: string;
    values: Titled[];
    groups: { name: string; title: string; members: string[] }[];
    organisations: Titled[];
    release: { nobody: { short: string; long: string }; to: ListWords; display: ListWords | null };
  } | null;
  attributes: string[];
}

/** "Personal data (PII)"; the title alone where it is the name in other letters, the name where there is no title. */
export const titled = ({ name, title }: Titled): string => (!title ? name : title.toUpperCase() === name.toUpperCase() ? title : `${title} (${name})`);

/** Whether a name may stand in a block: listed, or matching the pattern of further names. */
export function isName(name: string, values: readonly Titled[], open: string | null, prefix = ''): boolean {
  if (values.some((value) => value.name === name)) return true;
  return open !== null && name.startsWith(prefix) && new RegExp(`^(?:${open})$`).test(name.slice(prefix.length));
}

export const sentenceCase = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
