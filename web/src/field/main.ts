// SPDX-License-Identifier: Apache-2.0
import '@/tokens/base.css'
import './field.css'
import { createApp } from 'vue'
import { i18n } from '@/i18n'
import App from './App.vue'
import { applySize } from './size'

applySize()
createApp(App).use(i18n).mount('#app')
