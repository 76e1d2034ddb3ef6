import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { match, type MatchFunction } from 'path-to-regexp'
import { MillraceError } from '../../shared/index.ts'
import { close, listen } from './listen.ts'
import { makeOpenServer, refuse } from './open-server.ts'

/** What a node takes of the requests at a port. */
export interface Route {
  /** Absent: every method. */
  method?: string | undefined
  /** A path as Express writes it: `/users/:id`, `/files/*rest`. Absent: every path. */
  path?: string | undefined
  serve: (request: IncomingMessage, response: ServerResponse, params: Params) => void
}

/** What a path has where its route has a name, decoded; the parts of a wildcard as a list. */
export type Params = Partial<Record<string, string | string[]>>

interface Entry extends Route {
  fits: MatchFunction<Params> | undefined
}

interface Door {
  server: Server
  routes: Entry[]
  port: Promise<number>
}

/** The servers of this thread by the port that was asked for; one for port 0 is nobody else's. */
const doors = new Map<number, Door>()

/**
 * Takes requests at a port of this machine, together with those of other routes that were there first. Returns the port, which is a new one
 * for 0, and what ends it. Throws `PORT_IN_USE` when another program, or another node with the same route, has it.
 */
export async function takeRoute(port: number, route: Route): Promise<{ port: number; leave: () => Promise<void> }> {
  const entry = { ...route, fits: route.path === undefined ? undefined : match<Params>(route.path) }
  const door = doors.get(port) ?? open(port)
  if (door.routes.some(({ method, path }) => method === route.method && path === route.path))
    throw new MillraceError(
      'PORT_IN_USE',
      `another node takes ${nameOf(route)} at port ${port} already; change the node's "path", "method" or "port"`,
    )
  door.routes.push(entry)
  const leave = async () => {
    door.routes.splice(door.routes.indexOf(entry), 1)
    if (door.routes.length > 0) return
    if (doors.get(port) === door) doors.delete(port)
    await close(door.server)
  }
  try {
    return { port: await door.port, leave }
  } catch (error) {
    await leave()
    throw error
  }
}

function open(port: number): Door {
  const routes: Entry[] = []
  const server = makeOpenServer((request, response) => serve(routes, request, response))
  const door = { server, routes, port: listen(server, '127.0.0.1', port) }
  if (port !== 0) doors.set(port, door)
  return door
}

function serve(routes: readonly Entry[], request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  const found = routes.flatMap((route) => {
    const params = paramsOf(route, pathname)
    return params === undefined ? [] : [{ route, params }]
  })
  const [best] = found
    .filter(({ route }) => route.method === undefined || route.method === request.method)
    .sort((one, other) => generalityOf(one.route) - generalityOf(other.route))
  if (best) return best.route.serve(request, response, best.params)
  if (found.length > 0) {
    const allow = found.map(({ route }) => route.method).join(', ')
    response.setHeader('allow', allow)
    return refuse(response, 405, `${pathname} takes ${allow}`)
  }
  refuse(response, 404, `nothing is here; there is ${routes.map(nameOf).join(', ')}`)
}

function paramsOf({ fits }: Entry, pathname: string): Params | undefined {
  if (fits === undefined) return {}
  try {
    const found = fits(pathname)
    return found === false ? undefined : found.params
  } catch {
    // A path that cannot be decoded is no path of any route.
    return undefined
  }
}

/** A path without names goes before one with, these before all paths; a method before all methods. */
function generalityOf({ path, method }: Route): number {
  const ofPath = path === undefined ? 2 : /[:*{]/.test(path) ? 1 : 0
  return ofPath * 2 + (method === undefined ? 1 : 0)
}

function nameOf({ method = 'every method', path = 'every path' }: Route): string {
  return `${method} ${path}`
}
