import { spotlight } from '@mantine/spotlight';
import { useEffect } from 'react';
import { KeyList } from './KeyList';
import { LevelPicker } from './LevelPicker';
import { Palette } from './Palette';
import { SignInAgain } from './SignInAgain';

export { LevelPicker };

/** What lies over a view when called for. One chunk, loaded after the first view is on screen. */
interface OverlaysProps {
  keysOpen: boolean;
  onKeysClose: () => void;
  /** How often the palette was called for. */
  calls: number;
}

export function Overlays({ keysOpen, onKeysClose, calls }: OverlaysProps) {
  useEffect(() => {
    if (calls) spotlight.open();
  }, [calls]);
  return (
    <>
      <Palette />
      <KeyList opened={keysOpen} onClose={onKeysClose} />
      <SignInAgain />
    </>
  );
}
