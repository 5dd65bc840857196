// SPDX-License-Identifier: Apache-2.0
import type { Entry, Photo } from './entry'

/** A form that is being filled in. Photos are stored first, then the form. */
export type Draft = { key: string; words: string; chips: string[]; item: string; photos: Photo[] }

/** What the phone keeps over reloads and kills. Specs bring one in memory. */
export type Store = {
  entries: () => Promise<Entry[]>
  /** Keep an entry; with `draft`, that form is done and goes in the same transaction. */
  put: (entry: Entry, draft?: string) => Promise<void>
  /** Forget an entry and the bytes of its photos. */
  drop: (entry: Entry) => Promise<void>
  draft: (key: string) => Promise<Draft | null>
  putDraft: (draft: Draft) => Promise<void>
  bytes: (photo: string) => Promise<ArrayBuffer | null>
  /** Keep the bytes of a photo together with the form that it belongs to. */
  putPhoto: (photo: string, bytes: ArrayBuffer, draft: Draft) => Promise<void>
  dropPhoto: (photo: string) => Promise<void>
}

const name = 'jiedao.phone'
const version = 1

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((yes, no) => {
    request.onsuccess = () => yes(request.result)
    request.onerror = () => no(request.error ?? new Error('store'))
  })
}

function opened(): Promise<IDBDatabase> {
  const request = indexedDB.open(name, version)
  request.onupgradeneeded = () => {
    request.result.createObjectStore('entries', { keyPath: 'id' })
    request.result.createObjectStore('drafts', { keyPath: 'key' })
    request.result.createObjectStore('photos')
  }
  return done(request)
}

// Vue's proxies cannot be cloned into the store; what is kept is plain data.
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

type Stores = 'entries' | 'drafts' | 'photos'

/** The browser's own database. A write has happened only when its transaction is complete. */
export function openStore(): Store {
  let link: Promise<IDBDatabase> | null = null

  async function write(stores: Stores[], work: (tx: IDBTransaction) => void, durability: IDBTransactionDurability = 'strict'): Promise<void> {
    const tx = (await (link ??= opened())).transaction(stores, 'readwrite', { durability })
    const whole = new Promise<void>((yes, no) => {
      tx.oncomplete = () => yes()
      tx.onabort = () => no(tx.error ?? new Error('store'))
    })
    work(tx)
    return whole
  }

  async function read<T>(store: Stores, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    return done(ask((await (link ??= opened())).transaction(store).objectStore(store)))
  }

  return {
    entries: () => read('entries', (store) => store.getAll() as IDBRequest<Entry[]>),
    // How far a photo is may be a step behind after a crash; what a person did may not.
    put: (entry, draft) =>
      write(
        ['entries', 'drafts'],
        (tx) => {
          tx.objectStore('entries').put(plain(entry))
          if (draft !== undefined) tx.objectStore('drafts').delete(draft)
        },
        entry.state === 'sending' ? 'relaxed' : 'strict',
      ),
    drop: (entry) =>
      write(['entries', 'photos'], (tx) => {
        tx.objectStore('entries').delete(entry.id)
        for (const photo of entry.photos) tx.objectStore('photos').delete(photo.id)
      }),
    draft: async (key) => (await read('drafts', (store) => store.get(key) as IDBRequest<Draft | undefined>)) ?? null,
    putDraft: (draft) => write(['drafts'], (tx) => tx.objectStore('drafts').put(plain(draft))),
    bytes: async (photo) => (await read('photos', (store) => store.get(photo) as IDBRequest<ArrayBuffer | undefined>)) ?? null,
    putPhoto: (photo, bytes, draft) =>
      write(['photos', 'drafts'], (tx) => {
        tx.objectStore('photos').put(bytes, photo)
        tx.objectStore('drafts').put(plain(draft))
      }),
    dropPhoto: (photo) => write(['photos'], (tx) => tx.objectStore('photos').delete(photo)),
  }
}
