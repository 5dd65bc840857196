// SPDX-License-Identifier: Apache-2.0
// The phone's service worker: without a network the phone's page still opens.
// It keeps the page's own files and nothing else: no answer of the platform, nobody's data.
// The two names below are written by the build; another content is another name.
const name = '__NAME__'
const files = __FILES__
const page = '/m'
const patience_ms = 4000

self.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(name)
      await cache.addAll([page, ...files].map((path) => new Request(path, { cache: 'reload' })))
      await self.skipWaiting()
    })(),
  )
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      const old = (await caches.keys()).filter((one) => one.startsWith('jiedao.m.') && one !== name)
      await Promise.all(old.map((one) => caches.delete(one)))
      await self.clients.claim()
    })(),
  )
})

/** The page as the platform has it now; the kept one only if it does not answer in time. */
async function opened(request) {
  const kept = await (await caches.open(name)).match(page)
  const fresh = fetch(request)
  if (!kept) return fresh
  const late = new Promise((done) => setTimeout(() => done(null), patience_ms))
  const answer = await Promise.race([fresh.catch(() => null), late])
  return answer?.ok ? answer : kept
}

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin) return
  if (request.mode === 'navigate' && url.pathname === page) return event.respondWith(opened(request))
  // Names in the list carry a hash of their content, so what is kept is what was asked for.
  if (files.includes(url.pathname)) event.respondWith(caches.match(url.pathname, { cacheName: name }).then((kept) => kept ?? fetch(request)))
})
