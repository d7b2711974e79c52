import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';

/** The theme in use and the way to switch it. */
export function useTheme() {
  const { setColorScheme } = useMantineColorScheme();
  const now = useComputedColorScheme('light', { getInitialValueInEffect: false });
  return { now, toggle: () => setColorScheme(now === 'dark' ? 'light' : 'dark') };
}
