import type { MarkingOut } from '../api/types';
import { hex, paint } from '../lib/paint';
import css from './MarkingBadge.module.css';

/** The portion mark that stands where marked content stands; the whole marking is its tooltip and its spoken text. */
export function MarkingBadge({ marking, full = false }: { marking: MarkingOut; full?: boolean }) {
  const colours = paint({ '--mark': hex(marking.colour, '#5b6770'), '--mark-ink': hex(marking.ink, '#ffffff') });
  return (
    <span ref={colours} className={css.badge} title={marking.text}>
      {full ? marking.text : marking.portion}
    </span>
  );
}
