import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contentPolicy, readWindowFile } from '../../src/lab/index.ts'

let folder: string
let root: string
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'millrace-window-'))
  folder = path.join(root, 'renderer')
  mkdirSync(path.join(folder, 'assets'), { recursive: true })
  writeFileSync(path.join(folder, 'index.html'), '<meta name="csp-nonce" content="__CSP_NONCE__">')
  writeFileSync(path.join(folder, 'assets/a-1.js'), 'export {}')
  writeFileSync(path.join(folder, '.secret.json'), '{}')
  writeFileSync(path.join(folder, 'data.bin'), '')
  writeFileSync(path.join(root, 'outside.json'), '{}')
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

it('gives the nonce of a page to its styles alone', () => {
  expect(contentPolicy('n0nce').match(/n0nce/g)).toHaveLength(1)
  expect(contentPolicy('n0nce')).toContain("script-src 'self';")
})

describe('a file of the built window', () => {
  it('puts the nonce into the page', async () => {
    for (const urlPath of ['/', '/index.html']) {
      const page = await readWindowFile(folder, urlPath, 'n0nce')
      expect(page?.body.toString()).toBe('<meta name="csp-nonce" content="n0nce">')
      expect(page).toMatchObject({ type: 'text/html; charset=utf-8', isImmutable: false })
    }
  })

  it('marks what carries its hash in its name as immutable', async () => {
    expect(await readWindowFile(folder, '/assets/a-1.js', 'n')).toMatchObject({
      type: 'text/javascript; charset=utf-8',
      isImmutable: true,
    })
  })

  it.each([
    '/../outside.json',
    '/%2e%2e/outside.json',
    '/..%2foutside.json',
    '/assets/..%5c..%5coutside.json',
    '/.secret.json',
    '/assets',
    '/assets/',
    '/none.js',
    '/data.bin',
    '/%',
    '/index.html%00.js',
    '/c:/x.js',
  ])('gives nothing for %s', async (urlPath) => {
    expect(await readWindowFile(folder, urlPath, 'n')).toBeUndefined()
  })
})
