import { createTheme, localStorageColorSchemeManager, type CSSVariablesResolver } from '@mantine/core';

/** The same key is read by public/color-scheme.js before the first paint. */
export const colorSchemeManager = localStorageColorSchemeManager({ key: 'cairn-color-scheme' });

export const theme = createTheme({
  primaryColor: 'pine',
  primaryShade: 8,
  colors: {
    pine: ['#eef8f5', '#d9f0e9', '#b1dfd2', '#86cdba', '#5fbda6', '#47b297', '#36a589', '#2a8c74', '#1f7a66', '#0f5b4b'],
    // Greys with a trace of the page's hue; index 7 is the card, 6 its fields.
    dark: ['#e1e5e7', '#b7bec3', '#8d969c', '#69737a', '#454d52', '#343b40', '#262c30', '#1c2124', '#15191b', '#0f1213'],
  },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: { fontWeight: '650' },
  defaultRadius: 'md',
  cursorType: 'pointer',
});

/** Secondary text dark enough to read on both backgrounds, and the two surfaces of the app. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5c6670',
    '--mantine-color-placeholder': '#6b747d',
    '--mantine-color-error': '#c92a2a',
    '--cairn-page': '#f7f8f8',
    '--cairn-card': '#ffffff',
    '--cairn-line': '#e3e6e8',
    '--cairn-hover': '#f1f4f3',
  },
  dark: {
    '--mantine-color-dimmed': '#a3abb3',
    '--mantine-color-placeholder': '#8d959d',
    '--mantine-color-error': '#ff8787',
    '--mantine-color-body': '#15191b',
    '--cairn-page': '#15191b',
    '--cairn-card': '#1c2124',
    '--cairn-line': '#2f363a',
    '--cairn-hover': '#242a2e',
  },
});
