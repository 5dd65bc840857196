// SPDX-License-Identifier: Apache-2.0
import { call } from './client'
import type { TicketGiven } from './generated'

export type Ticket = TicketGiven
export type Purpose = 'feed' | 'video' | 'upload' | 'positions'

/** Ask for a one-use, 30-second pass to the stream process. */
export function askTicket(purpose: Purpose, more: { camera?: string; why?: string } = {}): Promise<Ticket> {
  return call<Ticket>('POST', '/tickets', { purpose, ...more })
}

/** Full address of a stream socket; the server may leave out the host, the scheme or the ticket. */
export function socketAddress(ticket: Ticket, more: Record<string, string> = {}): string {
  const url = new URL(ticket.url, window.location.href)
  url.protocol = url.protocol.replace('http', 'ws')
  if (!url.searchParams.has('ticket')) url.searchParams.set('ticket', ticket.ticket)
  for (const [key, value] of Object.entries(more)) url.searchParams.set(key, value)
  return url.toString()
}
