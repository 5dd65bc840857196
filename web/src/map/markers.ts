// SPDX-License-Identifier: Apache-2.0
import { Marker, type Map as MapView } from 'maplibre-gl'
import { i18n, said } from '@/i18n'
import type { Card } from '@/matters/api'
import { spotOf } from '@/shared/distance'
import { glyphPath } from '@/ui/severity'

const svg = 'http://www.w3.org/2000/svg'

function glyph(card: Card): SVGElement {
  const [root, path, text] = [document.createElementNS(svg, 'svg'), document.createElementNS(svg, 'path'), document.createElementNS(svg, 'text')]
  root.setAttribute('viewBox', '0 0 24 24')
  path.setAttribute('d', glyphPath(card.severity))
  path.style.fill = `var(--s${card.severity})`
  text.setAttribute('x', '12')
  text.setAttribute('y', card.severity === 2 ? '18.6' : '16.3')
  text.setAttribute('text-anchor', 'middle')
  text.style.fill = card.severity === 1 ? 'var(--s1-ink)' : 'var(--s-ink)'
  text.textContent = String(card.severity)
  root.append(path, text)
  return root
}

function pin(card: Card, choose: () => void, named: boolean): HTMLButtonElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'alarm-pin'
  button.append(glyph(card))
  if (named) {
    const name = document.createElement('span')
    name.className = 'alarm-name'
    name.textContent = said(card.title)
    button.append(name)
  }
  button.addEventListener('click', choose)
  return button
}

/** Alarms as markers: real buttons with names, kept in step with the queue. */
export class AlarmMarkers {
  private readonly shown = new Map<string, { marker: Marker; severity: number; at: string }>()

  constructor(private readonly view: MapView, private readonly choose: (id: string) => void, private readonly named = false) {}

  show(cards: readonly Card[], chosen: string | null): void {
    const wanted = new Map(cards.map((card) => [card.id, card]))
    for (const [id, { marker }] of this.shown) {
      if (wanted.has(id)) continue
      marker.remove()
      this.shown.delete(id)
    }
    for (const card of wanted.values()) this.place(card, card.id === chosen)
  }

  private place(card: Card, chosen: boolean): void {
    const spot = spotOf(card.place)
    if (!spot) return
    const at = `${spot.lon},${spot.lat}`
    let known = this.shown.get(card.id)
    if (known && (known.severity !== card.severity || known.at !== at)) {
      known.marker.remove()
      known = undefined
    }
    if (!known) {
      const marker = new Marker({ element: pin(card, () => this.choose(card.id), this.named) }).setLngLat([spot.lon, spot.lat]).addTo(this.view)
      known = { marker, severity: card.severity, at }
      this.shown.set(card.id, known)
    }
    const element = known.marker.getElement()
    const { t } = i18n.global
    element.setAttribute('aria-label', `${t('severity.name', { level: card.severity, word: t(`severity.${card.severity}`) })} ${said(card.title)} ${card.place.name}`)
    element.title = said(card.title)
    element.classList.toggle('chosen', chosen)
    element.style.color = `var(--s${card.severity})`
    element.style.zIndex = chosen ? '10' : String(5 - card.severity)
  }
}
