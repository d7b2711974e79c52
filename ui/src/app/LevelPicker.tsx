import { Menu } from '@mantine/core';
import IconCheck from '@tabler/icons-react/dist/esm/icons/IconCheck.mjs';
import { useState } from 'react';
import { $api } from '../api/client';
import { setLevel, useSession } from '../api/session';
import { ErrorNote } from '../components/ErrorNote';
import { MarkingBadge } from '../components/MarkingBadge';
import css from './LevelPicker.module.css';
import { LevelButton } from './LevelButton';

/** The working level: what a person creates now is marked so. Lists the levels they may work at. */
export function LevelPicker() {
  const { level } = useSession();
  const [opened, setOpened] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const levels = $api.useQuery('get', '/api/v1/levels', {}, { enabled: opened });

  const choose = async (text: string) => {
    setError(null);
    try {
      await setLevel(text);
      setOpened(false);
    } catch (problem) {
      setError(problem);
    }
  };

  return (
    <Menu opened={opened} onChange={setOpened} withInitialFocusPlaceholder={false} position="right-end" width={320} shadow="md" closeOnItemClick={false} transitionProps={{ duration: 80 }}>
      <Menu.Target>
        <LevelButton level={level} />
      </Menu.Target>
      <Menu.Dropdown className={css.levels}>
        <Menu.Label>What you create is marked at your working level.</Menu.Label>
        {(levels.data?.items ?? [level]).map((marking) => (
          <Menu.Item key={marking.text} onClick={() => void choose(marking.text)} rightSection={marking.text === level.text ? <IconCheck size={15} aria-label="in use" /> : undefined}>
            <MarkingBadge marking={marking} full />
          </Menu.Item>
        ))}
        {(error ?? levels.error) != null && <ErrorNote error={error ?? levels.error} />}
      </Menu.Dropdown>
    </Menu>
  );
}
