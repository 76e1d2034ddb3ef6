import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { PageHead } from '../../src/main/page-head.ts'

const page = `<link rel="icon" href="./assets/mill.svg" />
<script type="module" crossorigin src="./assets/index-1.js"></script>
<link rel="modulepreload" crossorigin href="./assets/parts-2.js">
<link rel="stylesheet" crossorigin href="./assets/index-3.css">`

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('tells when the scripts and styles that a page names have been answered, whatever else is asked for', async () => {
  const head = new PageHead()
  let isServed = false
  void head.served.then(() => (isServed = true))
  const answer = async (urlPath: string, text = '') => {
    head.note(urlPath, Buffer.from(text))
    await vi.advanceTimersByTimeAsync(1_000)
  }
  await answer('/index.html', page)
  await answer('/assets/index-1.js')
  await answer('/assets/parts-2.js')
  await answer('/assets/Panel-4.js')
  expect(isServed).toBe(false)
  await answer('/assets/index-3.css')
  expect(isServed).toBe(true)
})
