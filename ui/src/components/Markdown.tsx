import type { Nodes, Parents, PhrasingContent, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { gfmTable } from 'micromark-extension-gfm-table';
import { createElement, Fragment, memo, type ReactNode } from 'react';
import css from './Markdown.module.css';

/**
 * Markdown that people wrote, as text in order: headings, lists, tables, emphasis, code. HTML in it is shown as it was
 * typed; addresses are shown and never followed; no attribute comes from the text, and nothing is fetched.
 */
export const Markdown = memo(function Markdown({ text }: { text: string }) {
  const root = fromMarkdown(text, { extensions: [gfmTable()], mdastExtensions: [gfmTableFromMarkdown()] });
  // Ranks without a gap, however deep the first heading of the text is.
  const headings = root.children.filter((child) => child.type === 'heading');
  const first = Math.min(...headings.map((heading) => heading.depth));
  for (const heading of headings) heading.depth = (heading.depth - first + 1) as typeof heading.depth;
  return (
    <div className={css.markdown} dir="auto">
      {all(root)}
    </div>
  );
});

const all = (parent: Parents): ReactNode[] => parent.children.map((child: RootContent | PhrasingContent, index) => <Fragment key={index}>{one(child)}</Fragment>);

function one(node: Nodes): ReactNode {
  switch (node.type) {
    case 'text':
    case 'html':
      return node.value;
    case 'paragraph':
      return <p>{all(node)}</p>;
    case 'heading':
      // The page has its own first headings.
      return createElement(`h${Math.min(6, node.depth + 2)}`, { 'data-depth': node.depth }, all(node));
    case 'strong':
      return <strong>{all(node)}</strong>;
    case 'emphasis':
      return <em>{all(node)}</em>;
    case 'inlineCode':
      return <code>{node.value}</code>;
    case 'code':
      return (
        <pre tabIndex={0}>
          <code>{node.value}</code>
        </pre>
      );
    case 'blockquote':
      return <blockquote>{all(node)}</blockquote>;
    case 'list':
      return node.ordered ? <ol start={node.start ?? 1}>{all(node)}</ol> : <ul>{all(node)}</ul>;
    case 'listItem':
      // In a tight list an item is one line, not a paragraph.
      return <li>{node.spread ? all(node) : node.children.map((child, index) => <Fragment key={index}>{child.type === 'paragraph' ? all(child) : one(child)}</Fragment>)}</li>;
    case 'table': {
      const [head, ...rows] = node.children;
      return (
        <table>
          {head && (
            <thead>
              <tr>
                {head.children.map((cell, index) => (
                  <th key={index}>{all(cell)}</th>
                ))}
              </tr>
            </thead>
          )}
          <tbody>
            {rows.map((row, number) => (
              <tr key={number}>
                {row.children.map((cell, index) => (
                  <td key={index}>{all(cell)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      );
    }
    case 'link':
      return (
        <>
          {all(node)} <span className={css.address}>({node.url})</span>
        </>
      );
    case 'image':
      return (
        <span className={css.address}>
          [{node.alt || 'picture'}: {node.url}]
        </span>
      );
    case 'break':
      return <br />;
    case 'thematicBreak':
      return <hr />;
    default:
      return 'children' in node ? all(node) : null;
  }
}
