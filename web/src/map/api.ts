// SPDX-License-Identifier: Apache-2.0
import { get } from '@/api/client'
import type { BaseMap } from './style'

export const getBaseMap = () => get<BaseMap>('/map/base.geojson')
