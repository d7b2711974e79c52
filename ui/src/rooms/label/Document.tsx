import { memo, useMemo, useRef } from 'react';
import { paint } from '../../lib/paint';
import { lines, segments, type Segment, type Span } from '../../lib/spans';
import css from './Document.module.css';

/** How a label looks; by `field/label`. */
export interface Look {
  title: string;
  colour: string;
  ink: string;
}
export type Looks = ReadonlyMap<string, Look>;

interface DocumentProps {
  text: string;
  spans: readonly Span[];
  looks: Looks;
  /** The picked span. */
  current: string | null;
  attach?: (root: HTMLElement | null) => void;
}

/** The text with its spans. What didn't change isn't drawn again, so long texts stay quick. */
export const Document = memo(function Document({ text, spans, looks, current, attach }: DocumentProps) {
  const all = useMemo(() => lines(text), [text]);
  const share = useSpansByPiece();
  return (
    <div className={css.text} ref={attach}>
      {all.map((pieces) => {
        const [from] = pieces[0]!;
        const drawn = pieces.map(([start, end]) => {
          const inside = share(start, end, spans);
          return <Piece key={start} text={text} from={start} to={end} spans={inside} looks={looks} current={inside.some((span) => span.id === current) ? current : null} />;
        });
        return (
          <div key={from} className={css.line} dir="auto">
            {drawn}
          </div>
        );
      })}
    </div>
  );
});

/** Gives a piece the very same list as long as its spans are the same, so that `memo` can leave it alone. */
function useSpansByPiece() {
  const before = useRef(new Map<number, readonly Span[]>());
  return (start: number, end: number, spans: readonly Span[]): readonly Span[] => {
    const now = spans.filter((span) => span.start < end && span.end > start);
    const old = before.current.get(start);
    if (old && old.length === now.length && old.every((span, index) => span === now[index])) return old;
    before.current.set(start, now);
    return now;
  };
}

interface PieceProps {
  text: string;
  from: number;
  to: number;
  spans: readonly Span[];
  looks: Looks;
  current: string | null;
}

const Piece = memo(function Piece({ text, from, to, spans, looks, current }: PieceProps) {
  return segments(from, to, spans).map((segment) => {
    const content = text.slice(segment.start, segment.end);
    if (!segment.spans.length)
      return (
        <span key={segment.start} data-o={segment.start}>
          {content}
        </span>
      );
    const begins = segment.spans.filter(({ span }) => span.start === segment.start);
    return (
      <span
        key={`${segment.start} spans`}
        ref={paintOf(segment, looks)}
        className={css.marked}
        data-o={segment.start}
        data-span={shortest(segment).id}
        data-tag={begins.length ? begins.map(({ span }) => look(looks, span).title).join(' + ') : undefined}
        data-current={segment.spans.some(({ span }) => span.id === current) || undefined}
      >
        {content}
      </span>
    );
  });
});

const look = (looks: Looks, span: Span): Look => looks.get(`${span.field}/${span.label}`) ?? { title: span.label, colour: '#5b6770', ink: '#ffffff' };

/** The innermost span: it gives the tint, and a click picks it. */
const shortest = (segment: Segment): Span => segment.spans.reduce((least, { span }) => (span.end - span.start < least.end - least.start ? span : least), segment.spans[0]!.span);

function paintOf(segment: Segment, looks: Looks) {
  const colours = segment.spans.map(({ span }) => look(looks, span).colour);
  const first = segment.spans.find(({ span }) => span.start === segment.start);
  const tag = look(looks, first?.span ?? segment.spans[0]!.span);
  const lanes = Math.min(5, Math.max(...segment.spans.map(({ lane }) => lane)) + 1);
  return paint({
    '--tint': look(looks, shortest(segment)).colour,
    '--tag': tag.colour,
    '--tag-ink': tag.ink,
    'background-image': colours.map((colour) => `linear-gradient(${colour}, ${colour})`).join(', '),
    'background-size': colours.map(() => '100% 2px').join(', '),
    'background-position': segment.spans.map(({ lane }) => `0 calc(100% - ${Math.min(lane, 4) * 3}px)`).join(', '),
    'padding-bottom': `${lanes * 3}px`,
  });
}
