// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { offline } from './offline/plugin'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
// `npm run dev` shows unsaved screens against a running platform; its address comes from outside.
const platform = process.env['JIEDAO_BASE'] ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [vue(), offline()],
  resolve: { alias: { '@': here('./src') } },
  define: { __VUE_OPTIONS_API__: 'false', __VUE_I18N_LEGACY_API__: 'false', __INTLIFY_PROD_DEVTOOLS__: 'false' },
  server: { proxy: { '/api': { target: platform, changeOrigin: false } } },
  build: {
    target: 'es2022',
    manifest: true,
    sourcemap: false,
    rollupOptions: {
      input: { doorway: here('./index.html'), desk: here('./desk.html'), m: here('./m.html'), wall: here('./wall.html') },
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.spec.ts'],
    restoreMocks: true,
    testTimeout: 5000,
  },
})
