import { spoken } from '../lib/keys';
import css from './Key.module.css';

/** A key or a combination as it is on the keyboard: `<Key k="mod+shift+z" />`. */
export function Key({ k }: { k: string }) {
  return (
    <span className={css.keys} data-key={k}>
      {spoken(k).map((part) => (
        <kbd key={part} className={css.key}>
          {part}
        </kbd>
      ))}
    </span>
  );
}
