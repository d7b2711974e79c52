import { Button, Select, Skeleton } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { $api } from '../../../api/client';
import { useSession } from '../../../api/session';
import type { MarkingOut } from '../../../api/types';
import { useMarkings } from '../../../app/markings';
import { ErrorNote } from '../../../components/ErrorNote';
import { MarkingBadge } from '../../../components/MarkingBadge';
import classes from './marking.module.css';
import { MarkingBuilder } from './MarkingBuilder';
import { useMarking } from './useMarking';

interface LevelChoiceProps {
  /** A marking's text. */
  value: string;
  change: (text: string) => void;
  label: string;
  /** What the choice means, in a sentence. */
  says: ReactNode;
}

/** Chooses the marking that something will carry, among those that I may work at. */
export function LevelChoice({ value, change, label, says }: LevelChoiceProps) {
  const session = useSession();
  const levels = $api.useQuery('get', '/api/v1/levels');
  const known = levels.data?.items ?? [];
  const [building, setBuilding] = useState<string | null>(null);
  const [made, setMade] = useState<MarkingOut[]>([]);
  const built = useMarking(building ?? '');
  const items = [session.level, ...known, ...made].filter((marking, index, all) => all.findIndex((other) => other.text === marking.text) === index);
  const chosen = items.find((marking): marking is MarkingOut => marking.text === value);
  useMarkings([chosen]);
  if (levels.isPending) return <Skeleton height={60} radius={6} />;
  return (
    <div className={classes.level}>
      <Select
        label={label}
        description={says}
        value={value}
        data={items.map((marking) => ({ value: marking.text, label: marking.text }))}
        allowDeselect={false}
        searchable={items.length > 8}
        maxDropdownHeight={320}
        leftSectionWidth={chosen ? Math.min(130, 30 + chosen.portion.length * 7) : undefined}
        leftSection={chosen ? <MarkingBadge marking={chosen} /> : undefined}
        renderOption={({ option }) => {
          const marking = items.find((each) => each.text === option.value);
          return marking ? <MarkingBadge marking={marking} full /> : option.label;
        }}
        onChange={(text) => text && change(text)}
      />
      {building === null ? (
        <Button className={classes.another} size="compact-xs" variant="subtle" onClick={() => setBuilding(value)}>
          Another marking…
        </Button>
      ) : (
        <div className={classes.another}>
          <MarkingBuilder label="Another marking" text={building} change={setBuilding} />
          <div className={classes.buttons}>
            <Button size="xs" variant="default" onClick={() => setBuilding(null)}>
              Close
            </Button>
            <Button
              size="xs"
              disabled={built.state !== 'good'}
              onClick={() => {
                if (built.state !== 'good') return;
                setMade([...made, built.marking]);
                change(built.marking.text);
                setBuilding(null);
              }}
            >
              Use this marking
            </Button>
          </div>
        </div>
      )}
      {levels.error && <ErrorNote error={levels.error} retry={() => void levels.refetch()} />}
    </div>
  );
}
