// SPDX-License-Identifier: Apache-2.0
import '@/tokens/base.css'
import './field.css'
import { createApp } from 'vue'
import { i18n } from '@/i18n'
import App from './App.vue'
import { applySize } from './size'

applySize()
// A page that was opened once opens again without a network; see offline/sw.js.
if (import.meta.env.PROD && 'serviceWorker' in navigator) void navigator.serviceWorker.register('/sw.js', { scope: '/m' }).catch(() => null)
createApp(App).use(i18n).mount('#app')
