import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where a development server finds Cairn: `cairn serve` on this address. */
const cairn = 'http://127.0.0.1:7300';

export default defineConfig({
  plugins: [react()],
  // The visualizer's parts without a page are the app's, too.
  server: { fs: { allow: ['..'] }, proxy: { '/api': cairn, '/ingest': cairn, '/cairn.js': cairn, '/visualizer.js': cairn } },
  build: {
    // Nothing may be inlined as data: or as a script: the content security policy allows files of our origin only.
    assetsInlineLimit: 0,
    // The browsers that have light-dark(), which must reach them as it is written.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    // ECharts, loaded with the graph alone, is the one file above the default.
    chunkSizeWarningLimit: 650,
  },
});
