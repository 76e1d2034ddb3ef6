import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Contract } from '../../src/shared/index.ts'
import { MillraceProcess } from './fixtures/millrace-process.ts'

let folder: string
let served: MillraceProcess
let origin: string
let cookie: string

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-serve-'))
  const file = path.join(folder, 'empty.lab.json')
  writeFileSync(file, '{"millrace": 1, "name": "empty", "instances": []}')
  served = new MillraceProcess(['serve', file], { env: { XDG_CONFIG_HOME: folder } })
  const url = (await served.line(/\?token=/)).trim()
  origin = new URL(url).origin
  const entered = await get(url)
  cookie = entered.cookie
  expect([entered.status, (await get(url)).status]).toEqual([200, 401])
})
afterAll(async () => {
  expect(await served.interrupt()).toBe(0)
  rmSync(folder, { recursive: true, force: true })
})

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  cookie: string
  body: string
}

/** A request with any headers, the `Host` among them. */
async function get(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () => {
        const given = response.headers['set-cookie']?.[0] ?? ''
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          cookie: given.split(';')[0] ?? '',
          body,
        })
      })
    })
    sent.on('error', reject)
    sent.end()
  })
}

describe('the served window', () => {
  it('is only for those who came by the URL', async () => {
    expect((await get(origin)).status).toBe(401)
    expect((await get(`${origin}/?token=guess`)).status).toBe(401)
    expect((await get(origin, { cookie: `${cookie.split('=')[0]}=guess` })).status).toBe(401)
    expect((await get(origin, { cookie })).status).toBe(200)
  })

  it('has a new nonce in every response, in policy and page alike', async () => {
    const [first, second] = [await get(origin, { cookie }), await get(origin, { cookie })]
    const nonces = [first, second].map(({ body }) => /name="csp-nonce" content="([^"]+)"/.exec(body)?.[1])
    expect(nonces[0]).not.toBe(nonces[1])
    for (const [index, { headers }] of [first, second].entries())
      expect(headers['content-security-policy']).toContain(`'nonce-${nonces[index]}'`)
  })

  it('answers to its own names alone', async () => {
    const { port } = new URL(origin)
    expect((await get(origin, { cookie, host: 'evil.example' })).status).toBe(421)
    expect((await get(origin, { cookie, host: `evil.example:${port}` })).status).toBe(421)
    expect((await get(origin, { cookie, host: `localhost:${port}` })).status).toBe(200)
  })

  it('neither changes anything nor leaves its folder', async () => {
    expect((await get(origin, { cookie }, 'POST')).status).toBe(405)
    expect((await get(`${origin}/%2e%2e/main/cli.js`, { cookie })).status).toBe(404)
    expect((await get(`${origin}/..%2fmain%2fcli.js`, { cookie })).status).toBe(404)
  })

  it('lets a cookie be read by nobody and sent along by no other site', async () => {
    const setCookie = (await get(await anotherUrl())).headers['set-cookie']?.[0]
    expect(setCookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/)
  })

  it('does not spend a token on a request that only looks', async () => {
    const url = await anotherUrl()
    expect((await get(url, {}, 'HEAD')).status).toBe(405)
    expect((await get(url)).status).toBe(200)
  })
})

/** Asks for another URL, as whoever started it may. */
async function anotherUrl(): Promise<string> {
  const before = served.stdout.length
  served.signal('SIGUSR2')
  return (await served.line(/\?token=/, 'stdout', before)).trim()
}

it('outlives requests that are none', async () => {
  const { hostname, port } = new URL(origin)
  const head = `Host: ${hostname}:${port}\r\nCookie: ${cookie}\r\nOrigin: ${origin}`
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket'
  const requests = [
    `GET //[ HTTP/1.1\r\n${head}`,
    `GET //[ HTTP/1.1\r\n${head}\r\n${upgrade}`,
    'GET / HTTP/1.0',
    '\u0000\u00ff garbage',
  ]
  const answers = await Promise.all(requests.map((text) => answerTo(`${text}\r\n\r\n`, Number(port))))
  expect(answers.map((text) => text.split(' ')[1])).toEqual(['400', '404', '421', '400'])
  expect((await get(origin, { cookie })).status).toBe(200)
})

/** Sends bytes and answers everything that comes back until the server hangs up. */
async function answerTo(text: string, port: number): Promise<string> {
  return await new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.end(text))
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => (answer += chunk))
    socket.on('end', () => resolve(answer))
    socket.on('error', reject)
  })
}

describe('the contract of the served window', () => {
  const refused = (headers: Record<string, string>, where = '/contract') =>
    new Promise<number>((resolve, reject) => {
      const socket = new WebSocket(`${origin.replace('http', 'ws')}${where}`, { headers })
      socket.on('unexpected-response', (_request, response) => {
        resolve(response.statusCode ?? 0)
        socket.terminate()
      })
      socket.on('open', () => reject(new Error('it was let in')))
      socket.on('error', () => undefined)
    })

  it.each([
    ['without a cookie', () => ({ origin })],
    ['without an origin', () => ({ cookie })],
    ['from another origin', () => ({ cookie, origin: 'http://evil.example' })],
    ['from another port of this machine', () => ({ cookie, origin: 'http://127.0.0.1:1' })],
    ['under another name', () => ({ cookie, origin: 'http://evil.example', host: 'evil.example' })],
  ])('is refused %s', async (_how, headers) => {
    expect(await refused(headers())).toBe(403)
  })

  it('is at one path alone', async () => {
    expect(await refused({ cookie, origin }, '/other')).toBe(404)
  })

  it('is spoken with a window that was let in', async () => {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/contract`, { headers: { cookie, origin } })
    await new Promise((resolve, reject) => {
      socket.on('open', resolve)
      socket.on('error', reject)
    })
    const client: ContractRouterClient<Contract> = createORPCClient(
      new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }),
    )
    expect(await client.lab.get({})).toMatchObject({ name: 'empty', door: 'browser', instances: [] })
    socket.terminate()
  })
})
