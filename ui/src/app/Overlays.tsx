import { spotlight } from '@mantine/spotlight';
import { KeyList } from './KeyList';
import { Palette } from './Palette';
import { SignInAgain } from './SignInAgain';

export const openPalette = () => spotlight.open();

/** What lies over a view when called for. One chunk, loaded after the first view is on screen. */
export default function Overlays({ keysOpen, onKeysClose }: { keysOpen: boolean; onKeysClose: () => void }) {
  return (
    <>
      <Palette />
      <KeyList opened={keysOpen} onClose={onKeysClose} />
      <SignInAgain />
    </>
  );
}
