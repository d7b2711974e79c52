import { CloseButton } from '@mantine/core';
import Markdown, { type Components } from 'react-markdown';
import gfm from 'remark-gfm';
import css from './Guideline.module.css';

// Addresses are shown, never followed, and nothing is fetched: the text came from people.
const components: Components = {
  a: ({ href, children }) => (
    <>
      {children} {href && <span className={css.address}>({href})</span>}
    </>
  ),
  img: ({ alt, src }) => <span className={css.address}>[{alt || 'picture'}: {String(src)}]</span>,
};

export function Guideline({ text, version, onClose }: { text: string; version: number; onClose: () => void }) {
  return (
    <>
      <div className={css.head}>
        <h2>Guideline</h2>
        <span>version {version}</span>
        <CloseButton size="sm" aria-label="Close the guideline" onClick={onClose} />
      </div>
      <div className={css.text} dir="auto" tabIndex={0} role="group" aria-label="Text of the guideline">
        {text.trim() ? (
          <Markdown remarkPlugins={[gfm]} components={components} skipHtml>
            {text}
          </Markdown>
        ) : (
          <p>This project has no guideline yet. If you are unsure, flag the task and say why.</p>
        )}
      </div>
    </>
  );
}
