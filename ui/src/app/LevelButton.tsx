import IconShield from '@tabler/icons-react/dist/esm/icons/IconShield.mjs';
import type { ComponentProps } from 'react';
import type { MarkingOut } from '../api/types';
import { MarkingBadge } from '../components/MarkingBadge';
import css from './Shell.module.css';

/** Shows the working level; `LevelPicker` puts the menu behind it. */
export function LevelButton({ level, ...button }: { level: MarkingOut } & ComponentProps<'button'>) {
  return (
    <button type="button" {...button} className={css.item} title={`Working level: ${level.text}`}>
      <IconShield size={17} stroke={1.7} aria-hidden />
      <span className={css.word}>Works at</span>
      <span className={`${css.hint} ${css.level}`}>
        <MarkingBadge marking={level} />
      </span>
    </button>
  );
}
