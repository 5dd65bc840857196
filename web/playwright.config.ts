// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs'
import { defineConfig } from '@playwright/test'

// `alone`: the built screens against a server played by the specs, no process needed.
// `platform`: the same screens on a running platform, whose address is in JIEDAO_BASE.
const base = process.env['JIEDAO_BASE']
const chromium = process.env['JIEDAO_CHROMIUM'] ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)

export default defineConfig({
  testDir: './browser',
  outputDir: './test-results',
  fullyParallel: false,
  workers: 1,
  forbidOnly: Boolean(process.env['CI']),
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: {
    viewport: { width: 1920, height: 1080 },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    reducedMotion: 'reduce',
    trace: 'retain-on-failure',
    launchOptions: {
      ...(chromium ? { executablePath: chromium } : {}),
      args: [
        '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync', '--enable-unsafe-swiftshader', '--autoplay-policy=no-user-gesture-required',
        // A microphone that beeps once a second, and is granted without a question.
        '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
      ],
    },
  },
  projects: [
    { name: 'alone', testMatch: 'alone/**/*.spec.ts', use: { baseURL: 'http://localhost:9' } },
    ...(base ? [{ name: 'platform', testMatch: 'platform/**/*.spec.ts', use: { baseURL: base } }] : []),
  ],
})
