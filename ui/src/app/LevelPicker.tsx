import { Menu } from '@mantine/core';
import IconCheck from '@tabler/icons-react/dist/esm/icons/IconCheck.mjs';
import IconShield from '@tabler/icons-react/dist/esm/icons/IconShield.mjs';
import { useState } from 'react';
import { $api } from '../api/client';
import { setLevel, useSession } from '../api/session';
import { ErrorNote } from '../components/ErrorNote';
import { MarkingBadge } from '../components/MarkingBadge';
import css from './LevelPicker.module.css';
import shell from './Shell.module.css';

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
    <Menu opened={opened} onChange={setOpened} position="right-end" width={320} shadow="md" closeOnItemClick={false} transitionProps={{ duration: 80 }}>
      <Menu.Target>
        <button type="button" className={shell.item} title={`Working level: ${level.text}`} aria-label={`Working level: ${level.text}`}>
          <IconShield size={17} stroke={1.7} aria-hidden />
          <span className={shell.word}>Works at</span>
          <span className={`${shell.hint} ${css.badge}`}>
            <MarkingBadge marking={level} />
          </span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
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
