import { useQuery } from '@tanstack/react-query';
import { client } from '../api/client';
import { queryClient, sessionQuery } from '../api/session';
import type { MarkingOut } from '../api/types';
import { hex, paint } from '../lib/paint';
import { useShownMarkings } from './markings';
import css from './Banner.module.css';

const unknown = { colour: '#3a444b', ink: '#ffffff' };

/** The join of what is on screen. Until the server has computed it, all the markings stand side by side: never less. */
function useHighWater(): { text: string; colour: string; ink: string } {
  const shown = useShownMarkings();
  const { data: session } = useQuery({ ...sessionQuery, enabled: false }, queryClient);
  const texts = shown.map((marking) => marking.text);
  const { data } = useQuery(
    {
      queryKey: ['rollup', ...texts],
      queryFn: async () => (await client.POST('/api/v1/markings/rollup', { body: { markings: texts } })).data as MarkingOut,
      enabled: !!session && texts.length !== 1,
      staleTime: Infinity,
    },
    queryClient,
  );
  if (shown.length === 1) return shown[0]!;
  if (data && session) return data;
  return { text: texts.length ? texts.join('  +  ') : 'No marked content on screen', ...unknown };
}

/** The marking banner, above everything else on the page. It stands at the top and at the bottom. */
export function Banner({ at }: { at: 'top' | 'bottom' }) {
  const mark = useHighWater();
  const { data: session } = useQuery({ ...sessionQuery, enabled: false }, queryClient);
  return (
    <div
      ref={paint({ '--mark': hex(mark.colour, unknown.colour), '--mark-ink': hex(mark.ink, unknown.ink) })}
      className={css.banner}
      role="note"
      aria-label={`Marking of this screen, ${at}`}
      data-testid={`banner-${at}`}
      title={mark.text}
    >
      <span className={css.text}>{mark.text}</span>
      {session?.banner_note && <span className={css.note}>{session.banner_note}</span>}
    </div>
  );
}
