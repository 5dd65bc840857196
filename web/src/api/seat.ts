// SPDX-License-Identifier: Apache-2.0

/**
 * Which chair this page sits in. One browser may hold several: each chair has its own session
 * cookie, named by `?seat=` in the address, else by the page (`/desk`, `/m`).
 */
export function seatOf(address: { search: string; pathname: string }): string {
  const asked = new URLSearchParams(address.search).get('seat')
  if (asked !== null && /^[a-z]{1,16}$/.test(asked)) return asked
  const page = /^\/([a-z]+)/.exec(address.pathname)?.[1]
  return page === undefined || page === 'index' ? 'doorway' : page
}

export function seat(): string {
  return seatOf(window.location)
}
