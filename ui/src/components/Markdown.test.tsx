import { render } from '@testing-library/react';
import { expect, it } from 'vitest';
import { Markdown } from './Markdown';

const html = (text: string) => render(<Markdown text={text} />).container.querySelector('div')!.innerHTML;

it('shows headings, lists, tables, emphasis and code', () => {
  expect(html('# Title\n\n- one\n- **two** and `three`')).toBe('<h3 data-depth="1">Title</h3><ul><li>one</li><li><strong>two</strong> and <code>three</code></li></ul>');
  expect(html('| a | b |\n|---|---|\n| 1 | 2 |')).toContain('<tbody><tr><td>1</td><td>2</td></tr></tbody>');
  expect(html('3. third')).toContain('<ol start="3">');
});

it('leaves no gap above the first heading, however deep that is', () => {
  expect(html('## One\n\n### Two')).toBe('<h3 data-depth="1">One</h3><h4 data-depth="2">Two</h4>');
});

it('shows HTML as it was typed', () => {
  const { container } = render(<Markdown text={'<img src=x onerror=alert(1)>\n\nand <b>bold</b>'} />);
  expect(container.querySelector('img, b')).toBeNull();
  expect(container).toHaveTextContent('<img src=x onerror=alert(1)> and <b>bold</b>'.replace('> and', '>and'));
});

it('shows addresses and follows none', () => {
  const { container } = render(<Markdown text={'[here](javascript:alert(1)) ![plan](//elsewhere.example/x.png)'} />);
  expect(container.querySelector('a, img')).toBeNull();
  expect(container).toHaveTextContent('here (javascript:alert(1)) [plan: //elsewhere.example/x.png]');
});
