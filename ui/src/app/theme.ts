import { createTheme, type MantineColorsTuple } from '@mantine/core';

const ink: MantineColorsTuple = ['#eef3f6', '#dbe4ea', '#b6c8d3', '#8eaabb', '#6c91a7', '#57819b', '#497894', '#3a6680', '#2b5c77', '#1f4e66'];
const dark: MantineColorsTuple = ['#e4eaee', '#b9c4cc', '#98a7b1', '#6d7e89', '#34424b', '#253139', '#1e282f', '#182026', '#11171b', '#0d1215'];

export const theme = createTheme({
  colors: { ink, dark },
  primaryColor: 'ink',
  primaryShade: { light: 8, dark: 6 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  defaultRadius: 6,
  cursorType: 'pointer',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", "Noto Sans Mono", "DejaVu Sans Mono", monospace',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '19px' },
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '21px' }, h2: { fontSize: '17px' }, h3: { fontSize: '14px' } } },
  components: {
    // Without a transition: a key pressed right after closing is meant for what is underneath.
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.4, blur: 0 }, transitionProps: { duration: 0 }, returnFocus: true, closeButtonProps: { 'aria-label': 'Close' } } },
    TextInput: { defaultProps: { size: 'sm' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    Button: { defaultProps: { size: 'sm' } },
  },
});
