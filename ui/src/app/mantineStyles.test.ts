import { expect, it } from 'vitest';
import list from './mantineStyles.ts?raw';

const sources = import.meta.glob<string>(['../**/*.tsx', '../../node_modules/@mantine/spotlight/esm/**/*.mjs'], { query: '?raw', import: 'default', eager: true });
const mantine = import.meta.glob<string>('../../node_modules/@mantine/core/esm/components/**/*.mjs', { query: '?raw', import: 'default', eager: true });
const files = new Map(Object.keys(mantine).map((path) => [path.split('/').at(-1)!, path]));

/** The style files that a component needs: its own and those of the components inside it. */
function stylesOf(path: string, seen = new Set<string>()): string[] {
  if (seen.has(path)) return [];
  seen.add(path);
  const own = /(\w+)\.module\.mjs$/.exec(path);
  if (own) return [own[1]!];
  return [...(mantine[path] ?? '').matchAll(/from "\.[^"]*\/([\w-]+(?:\.module)?\.mjs)"/g)].flatMap(([, name]) => (files.has(name!) ? stylesOf(files.get(name!)!, seen) : []));
}

it('holds the styles of every Mantine component in use', () => {
  const used = Object.values(sources).flatMap((source) => [...source.matchAll(/import \{([^}]*)\} from ['"]@mantine\/core['"]/g)].flatMap(([, names]) => names!.split(',').map((name) => name.trim())));
  const needed = new Set(used.flatMap((name) => stylesOf(files.get(`${name}.mjs`) ?? '')));
  expect(needed.size).toBeGreaterThan(10);
  expect([...needed].filter((name) => !list.includes(`/${name}.layer.css`))).toEqual([]);
});
