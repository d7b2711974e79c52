import { CloseButton } from '@mantine/core';
import { Markdown } from '../../components/Markdown';
import css from './Guideline.module.css';

export function Guideline({ text, version, onClose }: { text: string; version: number; onClose: () => void }) {
  return (
    <>
      <div className={css.head}>
        <h2>Guideline</h2>
        <span>version {version}</span>
        <CloseButton size="sm" aria-label="Close the guideline" onClick={onClose} />
      </div>
      <div className={css.text} tabIndex={0} role="group" aria-label="Text of the guideline">
        <Markdown text={text.trim() ? text : 'This project has no guideline yet. If you are unsure, flag the task and say why.'} />
      </div>
    </>
  );
}
