import { expect, test } from 'vitest';
import { HERE, layOut } from './layout';

const from = (kind: string) => ({ side: 'from' as const, kind });
const to = (kind: string) => ({ side: 'to' as const, kind });
const link = (side: 'from' | 'to', source: string, derived: string) => ({ side, source, derived });

test('sources stand left of a thing and what came of it right', () => {
  const { boxes } = layOut('task', [from('import'), from('project'), to('annotation')], [link('from', 'import', 'task'), link('from', 'project', 'task'), link('from', 'project', 'import'), link('to', 'task', 'annotation')]);
  expect(boxes.get('from:project')!.column).toBe(0);
  expect(boxes.get('from:import')!.column).toBe(1);
  expect(boxes.get(HERE)!.column).toBe(2);
  expect(boxes.get('to:annotation')!.column).toBe(3);
});

test('a thing that is reached by two ways stands behind the longer one', () => {
  const { boxes } = layOut('project', [to('task'), to('dataset')], [link('to', 'project', 'dataset'), link('to', 'project', 'task'), link('to', 'task', 'dataset')]);
  expect(boxes.get('to:dataset')!.column).toBeGreaterThan(boxes.get('to:task')!.column);
});

test('boxes of a column stand below each other', () => {
  const { boxes, rows } = layOut('task', [to('assignment'), to('dataset')], [link('to', 'task', 'assignment'), link('to', 'task', 'dataset')]);
  expect(boxes.get('to:assignment')!.row).not.toBe(boxes.get('to:dataset')!.row);
  expect(rows).toBe(2);
});

test('a circle comes to an end', () => {
  const { boxes } = layOut('a', [to('b'), to('c')], [link('to', 'a', 'b'), link('to', 'b', 'c'), link('to', 'c', 'b')]);
  expect([...boxes.values()].every((box) => box.column <= 4)).toBe(true);
});

test('other things of the same kind are a box of their own', () => {
  const { boxes, lines } = layOut('dataset', [to('blob'), to('dataset')], [link('to', 'dataset', 'blob'), link('to', 'blob', 'dataset')]);
  expect(boxes.size).toBe(3);
  expect(lines).toContainEqual({ from: 'to:blob', to: 'to:dataset' });
});
