// SPDX-License-Identifier: Apache-2.0
import '@/tokens/base.css'
import { createApp } from 'vue'
import { i18n } from '@/i18n'
import App from './App.vue'

createApp(App).use(i18n).mount('#app')
