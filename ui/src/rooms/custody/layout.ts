/** Where the boxes of a trace stand: columns from left (where from) to right (where to), each as far as its longest way. */
export interface Box {
  key: string;
  column: number;
  row: number;
}
export interface Line {
  from: string;
  to: string;
}
export interface Layout {
  boxes: Map<string, Box>;
  lines: Line[];
  columns: number;
  rows: number;
}
interface GroupLike {
  side: 'from' | 'to';
  kind: string;
}
interface LinkLike {
  side: 'from' | 'to';
  source: string;
  derived: string;
}

export const HERE = 'here';
export const keyOf = (group: GroupLike): string => `${group.side}:${group.kind}`;

/** `kind` is that of the thing in the middle. A group of its own kind is another box. */
export function layOut(kind: string, groups: readonly GroupLike[], links: readonly LinkLike[]): Layout {
  const keys = new Set(groups.map(keyOf));
  const lines: Line[] = [];
  for (const link of links) {
    const near = link.side === 'from' ? link.derived : link.source;
    const far = link.side === 'from' ? link.source : link.derived;
    const farKey = `${link.side}:${far}`;
    if (!keys.has(farKey)) continue;
    for (const nearKey of [...(near === kind ? [HERE] : []), ...(keys.has(`${link.side}:${near}`) ? [`${link.side}:${near}`] : [])])
      if (nearKey !== farKey) lines.push(link.side === 'from' ? { from: farKey, to: nearKey } : { from: nearKey, to: farKey });
  }
  const away = new Map<string, number>([[HERE, 0]]);
  // Longest ways; as many rounds as there are boxes, so that a circle comes to an end.
  for (let round = 0; round < groups.length; round++)
    for (const { from, to } of lines) {
      const [near, far] = from === HERE || from.startsWith('to:') ? [from, to] : [to, from];
      const start = away.get(near);
      if (start !== undefined && (away.get(far) ?? 0) < start + 1 && start < groups.length) away.set(far, start + 1);
    }
  const columnOf = (group: GroupLike) => (group.side === 'from' ? -1 : 1) * (away.get(keyOf(group)) ?? 1);
  const first = Math.min(0, ...groups.map(columnOf));
  const filled = new Map<number, number>();
  const boxes = new Map<string, Box>();
  const place = (key: string, column: number) => {
    const row = filled.get(column) ?? 0;
    filled.set(column, row + 1);
    boxes.set(key, { key, column: column - first, row });
  };
  place(HERE, 0);
  for (const group of [...groups].sort((a, b) => (a.kind < b.kind ? -1 : 1))) place(keyOf(group), columnOf(group));
  return { boxes, lines, columns: Math.max(...[...boxes.values()].map((box) => box.column)) + 1, rows: Math.max(...filled.values()) };
}
