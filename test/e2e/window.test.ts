import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { chromium, type Browser, type Locator, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DistributedNetwork } from '../../src/lab/index.ts'
import { defineActor } from '../../src/runtime/index.ts'
import { freePortBase, MillraceProcess } from './fixtures/millrace-process.ts'

interface AxeResults {
  violations: { id: string; impact: string | null; nodes: { html: string }[] }[]
}

const executablePath = process.env['CHROMIUM_PATH']
const title = executablePath
  ? 'the window in a browser'
  : 'the window in a browser (skipped: CHROMIUM_PATH names no Chromium)'
const lab = 'resources/examples/ml-pipeline/tutorial.lab.json'
const instances = ['data_instance/data_001', 'ml_instance/ml_001', 'api_instance/api_001']

describe.skipIf(!executablePath)(title, () => {
  let folder: string
  let served: MillraceProcess
  let browser: Browser
  let page: Page
  /** Whatever a console of a healthy window does not show: errors, warnings, refused styles. */
  const complaints: string[] = []
  const pageErrors: string[] = []
  let base: number

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'millrace-window-'))
    base = await freePortBase([1, 2, 3, 80])
    served = new MillraceProcess(['serve', lab, '--port-base', String(base)], { env: { XDG_CONFIG_HOME: folder } })
    const url = (await served.line(/\?token=/)).trim()
    browser = await chromium.launch({
      timeout: 120_000,
      ...(executablePath === undefined ? {} : { executablePath }),
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
    })
    page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark' })
    page.setDefaultTimeout(30_000)
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(`${message.text()} ${message.location().url}`)
    })
    page.on('pageerror', (error) => pageErrors.push(error.message))
    await page.addInitScript(() => {
      localStorage.setItem('millrace.welcomed', 'true')
      document.addEventListener('securitypolicyviolation', (event) =>
        console.error(`refused by the policy: ${event.violatedDirective} ${event.blockedURI}`),
      )
    })
    await page.goto(url)
  })

  afterAll(async () => {
    await browser?.close()
    await served?.interrupt()
    rmSync(folder, { recursive: true, force: true })
  })

  const card = (instance: string): Locator => page.getByTestId(`instance ${instance}`)
  const inState = (instance: string, state: string) =>
    page.locator(`[data-testid="instance ${instance}"][data-state="${state}"]`).waitFor()
  const button = (instance: string, action: string) => card(instance).locator(`[data-action="${action}"]`)

  const widthOf = (locator: Locator) => locator.evaluate((element) => element.getBoundingClientRect().width)

  /** Waits until the text of an element passes; fails with what it was last. */
  async function until(locator: Locator, passes: (text: string) => boolean): Promise<void> {
    await expect.poll(async () => passes((await locator.textContent()) ?? ''), { timeout: 30_000 }).toBe(true)
  }

  it('shows three instances running, with rates above nought', async () => {
    for (const instance of instances) {
      await inState(instance, 'running')
      await until(card(instance).locator('[data-figure="rate"]'), (text) => Number.parseFloat(text) > 0)
    }
    await until(page.getByTestId('overall'), (text) => text.trim() === 'all 3 running')
    await expect.poll(() => page.title()).toMatch(/ — Millrace$/u)
  })

  it('draws every node, and the links with their rates', async () => {
    const topology = page.getByTestId('topology')
    await topology.getByTestId('node data_instance/data_001 data_processor').waitFor()
    await topology.getByTestId('node ml_instance/ml_001 feature_engineer').waitFor()
    await expect.poll(() => topology.locator('.vue-flow__edge').count()).toBeGreaterThan(12)
    await until(topology.locator('.line-labels'), (text) => /RTT [\d.]+ m?s/u.test(text))
  })

  it('draws the topology large enough to be read, and no label of a wire on another', async () => {
    // The canvas takes its place anew as long as boxes and panels come.
    const size = await page
      .getByTestId('node ml_instance/ml_001 model_trainer')
      .evaluate((node) => Number.parseFloat(getComputedStyle(node).fontSize))
    await expect
      .poll(() =>
        page
          .locator('.vue-flow__transformationpane')
          .evaluate((pane) => pane.getBoundingClientRect().width / (pane as HTMLElement).offsetWidth),
      )
      .toBeGreaterThan(9 / size)
    await expect
      .poll(() =>
        page.locator('.line-labels').evaluate((layer) => {
          const boxes = [...layer.querySelectorAll('.label .label')].map((label) => label.getBoundingClientRect())
          const meet = (one: DOMRect, other: DOMRect) =>
            one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom
          return boxes.flatMap((one, index) => boxes.slice(index + 1).filter((other) => meet(one, other))).length
        }),
      )
      .toBe(0)
  })

  it('lets links begin at the side of their nodes, also when the window has another size', async () => {
    const before = page.viewportSize()
    const areLevel = async () => {
      const paths = await page.locator('.vue-flow__edge[data-id^="link"] .vue-flow__edge-path').all()
      const drawn = await Promise.all(paths.map((line) => line.getAttribute('d')))
      return drawn.map((curve) => /^M[-\d.]+,([-\d.]+) C[-\d.]+,\1 /u.test(curve ?? ''))
    }
    const actor = page.getByTestId('node data_instance/data_001 trigger').getByText('Interval')
    const wasRoomy = await actor.isVisible()
    await page.setViewportSize(wasRoomy ? { width: 1280, height: 800 } : { width: 1920, height: 1080 })
    await actor.waitFor({ state: wasRoomy ? 'hidden' : 'visible' })
    await expect.poll(areLevel).toEqual([true, true, true, true])
    if (before) await page.setViewportSize(before)
    await actor.waitFor({ state: wasRoomy ? 'visible' : 'hidden' })
    await expect.poll(areLevel).toEqual([true, true, true, true])
  })

  it('charts what happens, and the quality of the model once there is one', async () => {
    await page.getByTestId('charts').locator('canvas').first().waitFor()
    await until(page.locator('[data-gauge="r2"] strong'), (text) => Number.parseFloat(text) > 0.9)
  })

  it('selects a node everywhere and shows its details until Esc', async () => {
    await page.getByTestId('node ml_instance/ml_001 model_trainer').click()
    const inspector = page.getByTestId('inspector')
    await until(inspector, (text) => text.includes('model_trainer') && /Received\s*[\d.]+/u.test(text))
    expect(await card('ml_instance/ml_001').locator('[aria-pressed="true"]').textContent()).toContain('model_trainer')
    await page.keyboard.press('Escape')
    await inspector.waitFor({ state: 'detached' })
  })

  it('shows the merged log as it grows, narrows it down and follows it again', async () => {
    const log = page.getByTestId('log')
    const total = page.getByTestId('log-total')
    await log.locator('[data-level]').first().waitFor()
    const before = await total.textContent()
    await until(total, (text) => text !== before)

    await page.getByTestId('log-filter').fill('trained')
    const shown = log.locator('[data-level]')
    await expect
      .poll(async () => {
        const lines = await shown.allTextContents()
        return lines.length > 0 && lines.every((line) => line.toLowerCase().includes('trained'))
      })
      .toBe(true)
    await page.getByTestId('log-filter').fill('no line has this text')
    await page.getByText('Nothing passes the filter').waitFor()
    await page.getByTestId('log-filter').fill('')
    await shown.first().waitFor()

    await log.focus()
    await page.keyboard.press('Home')
    await page.getByText(/Jump to latest \([\d.]+k? new\)/u).click()
    await page.getByTestId('jump-to-latest').waitFor({ state: 'detached' })
  })

  it('finds in the log without hiding the rest, by words and by a regular expression of its own thread', async () => {
    const log = page.getByTestId('log')
    await page.getByTestId('log-mode').click()
    await page.getByTestId('log-filter').fill('trained')
    await until(page.getByTestId('log-hits'), (text) => Number.parseInt(text, 10) > 0)
    await page.getByTestId('log-filter').press('Enter')
    await until(page.getByTestId('log-hits'), (text) => /^1 of \d/u.test(text))
    await until(log.locator('.current'), (text) => /trained/iu.test(text))
    await page.getByTestId('log-mode').click()
    await page.getByTestId('log-filter').fill(String.raw`/trained model [\da-f]+ .*samples/`)
    const shown = log.locator('[data-level]')
    await expect
      .poll(async () => {
        const texts = await shown.allTextContents()
        return texts.length > 0 && texts.every((text) => /Trained model [\da-f]+/u.test(text))
      })
      .toBe(true)
    await page.getByTestId('log-filter').fill('/(/')
    await page.getByText(/not an expression: .*Unterminated group/u).waitFor()
    // With no other line in sight, none can push the mark out of it.
    await page.getByTestId('log-filter').fill('no line has this text')
    await page.getByText('Nothing passes the filter').waitFor()
    await log.focus()
    await page.keyboard.press('m')
    await log.getByTestId('log-mark').waitFor()
    await page.keyboard.press('End')
    await page.getByTestId('log-filter').fill('')
    await shown.first().waitFor()
  })

  it('shows what goes over the wires of a node, lets it stand still, and opens a message', async () => {
    await page.getByTestId('node data_instance/data_001 data_processor').click()
    await page.locator('[data-rail="messages"]').click()
    const list = page.getByTestId('messages')
    // Those of one wire alone: among all of the node there are texts now and then, that have no fields.
    await page.getByLabel('Filter messages').fill('data_validator.valid')
    await until(page.getByTestId('messages-count'), (text) => Number.parseInt(text, 10) > 5)
    await page.getByTestId('messages-pause').click()
    await until(page.getByTestId('messages-pause'), (text) => /\dk? new, go on/u.test(text))
    await list.getByRole('button').first().click()
    await until(page.getByTestId('message-tree'), (text) => text.includes('{'))
    await page.getByTestId('message').getByRole('tab', { name: 'hex' }).click()
    await until(page.getByTestId('message'), (text) => text.includes('000000'))
  })

  it('saves the messages as files, copies the path and the value of a field, and shows what is different', async () => {
    const saved = async (name: string) => {
      const [file] = await Promise.all([page.waitForEvent('download'), page.getByTitle(name).click()])
      return readFileSync(await file.path(), 'utf8')
        .trimEnd()
        .split('\n')
    }
    const lines = (await saved('Save as JSON lines')).map((line) => JSON.parse(line) as { instance: string })
    expect(lines.length).toBeGreaterThan(5)
    expect(new Set(lines.map(({ instance }) => instance))).toEqual(new Set([instances[0]]))
    expect(await saved('Save as CSV')).toHaveLength(lines.length + 1)
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    const detail = page.getByTestId('message')
    await page.getByTestId('messages').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await detail.getByRole('tab', { name: 'diff' }).click()
    await until(detail.locator('.message-body:not([hidden])'), (text) => text !== '')
    await detail.getByRole('tab', { name: 'tree' }).click()
    const field = detail.locator('.tree-line', { hasText: 'plot' }).first()
    await field.hover()
    for (const what of ['path', 'value']) {
      await field.getByRole('button', { name: what, exact: true }).click()
      await expect
        .poll(async () => {
          const copied = await page.evaluate(() => navigator.clipboard.readText())
          const said = (await field.textContent())?.replaceAll(/\s/gu, '')
          return copied !== '' && said?.includes((what === 'path' ? copied.split('.').at(-1) : copied) ?? '')
        })
        .toBe(true)
    }
  })

  it('draws a field of the messages as a chart, and sends many messages again in their order', async () => {
    const field = page.getByTestId('message').locator('.tree-line', { hasText: 'plot' })
    await field.first().hover()
    await field.first().getByRole('button', { name: 'plot' }).click()
    const chart = page.locator('[data-chart^="field"]').getByRole('img')
    await expect.poll(() => chart.getAttribute('aria-label')).toMatch(/: .* [\d.e-]+$/u)
    await page.getByTestId('messages').focus()
    await page.keyboard.press('Shift+ArrowDown')
    await page.keyboard.press('Shift+ArrowDown')
    await page.getByTestId('messages-replay').click()
    await page.getByTestId('replay-start').click()
    await until(page.getByTestId('replay'), (text) => text.includes('All 3 sent'))
    await page.keyboard.press('Escape')
    await page.locator('[data-rail="inspector"]').click()
    await page.getByLabel('Filter messages').fill('')
    await page.getByTestId('messages-pause').click()
  })

  it('holds messages at a breakpoint, lets one go, and goes on', async () => {
    await page
      .getByTestId('topology')
      .locator('button.label', { hasText: /^\s*[1-9][\d.]*\/s/u })
      .first()
      .click()
    const queue = page.getByTestId('wire-queue')
    await queue.getByTestId('break-here').click()
    await until(queue, (text) => Number.parseInt(/(\d+) held/u.exec(text)?.[1] ?? '0', 10) > 2)
    await queue.getByRole('button', { name: 'Change this message' }).first().click()
    await page.getByTestId('edit-held').getByRole('textbox').fill('{"by":')
    expect(await page.getByTestId('edit-held-save').isDisabled()).toBe(true)
    await page.getByTestId('edit-held').getByRole('textbox').fill('true')
    await page.getByTestId('edit-held-save').click()
    await page.getByTestId('edit-held').waitFor({ state: 'detached' })
    // What the messages themselves say has no part in these names.
    await queue.getByRole('button', { name: 'One', exact: true }).click()
    await queue.getByRole('button', { name: 'End breakpoint', exact: true }).click()
    await queue.getByTestId('break-here').waitFor()
  })

  it('follows the next message of a node, hop by hop in the panel and on the canvas, and one sent by hand', async () => {
    const [instance = ''] = instances
    await page.getByTestId(`node ${instance} data_collector`).click()
    await page.keyboard.press('t')
    const waterfall = page.getByTestId('waterfall')
    const hop = (node: string) => waterfall.locator(`[data-hop="${node}"]`).first()
    await hop('feature_engineer').waitFor()
    const lit = (node: string) => page.locator(`[data-step="node ${node}"]`)
    await lit('ml_instance/ml_001 feature_engineer').waitFor()
    await expect.poll(() => page.locator('[data-lit]').count()).toBeGreaterThan(3)
    // Up and down walk the hops, Enter selects the node everywhere; what is selected on the canvas is found here.
    await waterfall.focus()
    // Hops come one by one, those of two branches in either order: the walk begins anew until it meets its row.
    const walkTo = (found: RegExp) =>
      expect
        .poll(async () => {
          await waterfall.press('Home')
          const said = async () => (await page.getByTestId('hop').textContent()) ?? ''
          let text = await said()
          for (let step = 0; step < 8 && !found.test(text); step++) {
            await waterfall.press('ArrowDown')
            text = await said()
          }
          return text
        })
        .toMatch(found)
    await walkTo(/data_collector\.Trigger.*waited .* worked/su)
    await walkTo(/data_validator\./u)
    await page.keyboard.press('Enter')
    await until(page.getByTestId('inspector'), (text) => text.includes('DataValidator'))
    await expect
      .poll(async () => {
        // A hop that comes may move its row away from under the mouse.
        await hop('feature_engineer').hover()
        return await lit('ml_instance/ml_001 feature_engineer').getAttribute('class')
      })
      .toContain('pointed')
    await page.getByTestId('node ml_instance/ml_001 feature_engineer').click()
    await expect.poll(() => hop('feature_engineer').getAttribute('aria-selected')).toBe('true')

    for (const [key, text] of [
      ['d', /nodes are fed by feature_engineer/u],
      ['u', /nodes? feed feature_engineer/u],
      ['Shift+C', /Critical path of ml_instance\/ml_001: .* nodes/u],
    ] as const) {
      await page.keyboard.press(key)
      await until(page.getByTestId('path'), (said) => text.test(said))
    }
    await page.keyboard.press('x')
    await page.getByTestId('path-layer').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Forget all traces' }).click()
    await page.getByText('No message was followed yet').waitFor()
    await page.locator('[data-rail="messages"]').click()
    const list = page.getByTestId('messages')
    // Without those of before, among which is the one that was followed.
    await page.getByRole('button', { name: 'Empty the list' }).click()
    await list.hover()
    await list.getByRole('button').first().click()
    await until(page.getByTestId('message-follow'), (text) => text.includes('Send again and follow'))
    await page.getByTestId('message-follow').click()
    await until(page.getByTestId('traces').locator('tbody'), (text) => text.includes('from outside'))
    await page.locator('[data-step]').first().waitFor()
    await page.getByTestId('path').getByRole('button').click()
  })

  it('sends a message by hand, once it is one', async () => {
    await page.getByTestId('node data_instance/data_001 data_validator').click()
    await page
      .getByTestId('inspector')
      .getByRole('button', { name: /Send …/u })
      .click()
    const sheet = page.getByTestId('inject')
    await sheet.getByRole('textbox', { name: 'Message as JSON' }).fill('{"id":')
    expect(await page.getByTestId('inject-send').isDisabled()).toBe(true)
    await sheet.getByRole('textbox', { name: 'Message as JSON' }).fill('{"id": "by hand", "features": [0.5]}')
    await sheet.getByTestId('inject-kind').selectOption('float')
    await until(sheet, (text) => text.includes('the data of a Float'))
    expect(await page.getByTestId('inject-send').isDisabled()).toBe(true)
    await sheet.getByTestId('inject-kind').selectOption('object')
    await page.getByTestId('inject-send').click()
    await until(sheet, (text) => text.includes('1 sent'))
    await page.keyboard.press('Escape')
    await page.locator('[data-rail="log"]').click()
    await page.getByRole('button', { name: 'Select nothing' }).click()
  })

  it('changes what an instance accepts while its links are up, and names the keys alone', async () => {
    await card(instances[0] ?? '')
      .locator('button.name')
      .click()
    const tokens = page.getByTestId('inspector').getByTestId('tokens')
    await tokens.getByRole('button', { name: 'Change its tokens …' }).click()
    await tokens.getByLabel('Token', { exact: true }).fill('rotated-by-hand')
    await tokens.getByLabel('And accept as well').fill('${env:DATA_TOKEN:data_token}')
    await tokens.getByRole('button', { name: 'Change', exact: true }).click()
    await until(tokens, (text) => /It accepts now: \S+, \S+\./u.test(text))
    expect(await tokens.textContent()).not.toMatch(/rotated-by-hand|data_token/u)
    await expect.poll(() => tokens.getByLabel('Token', { exact: true }).inputValue()).toBe('')
    await page.getByRole('button', { name: 'Select nothing' }).click()
  })

  it('adds a node, wires it by hand, sets it by its form, applies that to what runs, and undoes it there', async () => {
    const [instance = ''] = instances
    await page.getByTestId(`node ${instance} data_collector`).click()
    await page.getByTestId('edit-mode').click()
    await page.getByTestId('actor-palette').waitFor()
    await page.keyboard.press('n')
    await page.getByTestId('quick-add').getByRole('textbox').fill('debug')
    await page.keyboard.press('Enter')
    const added = page.getByTestId(`node ${instance} debug`)
    await until(added, (text) => text.includes('new'))

    const port = (node: string, name: string) =>
      page
        .locator('.vue-flow__node', { has: page.getByTestId(`node ${instance} ${node}`) })
        .locator(`[data-port="${name}"]`)
    await port('data_collector', 'out:Output').hover()
    await page.mouse.down()
    await expect.poll(() => port('debug', 'in:Input').getAttribute('class')).toContain('fits')
    await expect.poll(() => port('data_validator', 'out:Valid').getAttribute('class')).toContain('refuses')
    // Near an edge the canvas moves below the wire that is drawn: the wire goes to where the port is now.
    const line = page.locator('.vue-flow__connection-path.valid')
    await expect
      .poll(async () => {
        const target = await port('debug', 'in:Input').boundingBox()
        if (!target) throw new Error('the port of the new node is not on screen')
        await page.mouse.move(target.x + target.width / 2, target.y + target.height / 2, { steps: 5 })
        return await line.count()
      })
      .toBe(1)
    await page.mouse.up()
    await until(page.getByTestId('to-apply'), (text) => text === '2 changes to apply')

    const every = page.getByTestId('node-settings').locator('[data-field="every"]')
    await every.getByRole('textbox').fill('0')
    await until(every.getByRole('alert'), (text) => text === 'expected at least 1, found 0')
    await every.getByRole('textbox').fill('20')
    await page.keyboard.press('Enter')
    await page.getByTestId('to-save').click()
    await until(page.getByTestId('change-list'), (text) => text.includes('wire data_collector.Output → debug.Input'))
    await page.keyboard.press('Escape')
    await page.getByTestId('apply').click()
    await page.getByTestId('inspector-now').click()
    await until(page.getByTestId('inspector'), (text) => /Received\s*[1-9]/u.test(text))

    await page.getByRole('checkbox', { name: 'as I edit' }).check()
    for (const undone of ['every', 'connect', 'debug']) {
      await expect.poll(() => page.getByTestId('undo').getAttribute('title')).toContain(undone)
      await page.getByTestId('undo').click()
    }
    await page.getByTestId('apply-bar').waitFor({ state: 'detached' })
    await expect.poll(() => card(instance).getByText('debug', { exact: true }).count()).toBe(0)
    await page.getByTestId('inspector').waitFor({ state: 'detached' })
  })

  it('moves a node to another instance that runs, and brings it back with its wires by one undo', async () => {
    const [instance = '', other = ''] = instances
    const runsAt = (place: string) => card(place).getByText('data_validator', { exact: true })
    await page.getByTestId(`node ${instance} data_validator`).click({ button: 'right' })
    await page.getByRole('menuitem', { name: `Move to ${other}` }).click()
    await runsAt(other).waitFor()
    await runsAt(instance).waitFor({ state: 'detached' })
    await expect.poll(() => page.getByTestId('undo').getAttribute('title')).toContain(`move data_validator to ${other}`)
    await page.getByTestId('undo').click()
    await runsAt(instance).waitFor()
    await runsAt(other).waitFor({ state: 'detached' })
    await page.getByTestId('apply-bar').waitFor({ state: 'detached' })
    // It was made anew, so what it receives and sends came over the wires that are back.
    const validator = card(instance).locator('button', { hasText: 'data_validator' })
    await until(validator, (text) => /[1-9][\d.k]* → [1-9]/u.test(text))
    await page.getByTestId('edit-mode').click()
    await page.getByTestId('actor-palette').waitFor({ state: 'detached' })
  })

  it('makes a subgraph of two nodes that run, dissolves it, and takes both back by undo', async () => {
    const [instance = ''] = instances
    const runs = (node: string) => card(instance).getByText(node, { exact: true }).waitFor()
    await page.getByTestId('edit-mode').click()
    await page.getByTestId('actor-palette').waitFor()
    await page.getByTestId(`node ${instance} data_collector`).click()
    await page.getByTestId(`node ${instance} data_validator`).click({ modifiers: ['Shift'] })
    await page.keyboard.press('s')
    const name = page.getByTestId('subgraph').getByRole('textbox')
    await name.fill('data_processor')
    await page.keyboard.press('Enter')
    await until(page.getByTestId('subgraph').getByRole('alert'), (text) =>
      /already a node "data_processor"/u.test(text),
    )
    await name.fill('intake')
    await page.keyboard.press('Enter')
    await runs('intake/data_validator')
    await expect.poll(() => page.getByTestId('undo').getAttribute('title')).toContain('make subgraph intake')

    await page.getByTestId(`node ${instance} intake`).click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Dissolve subgraph' }).click()
    await runs('data_validator')
    for (const [undone, back] of [
      ['dissolve subgraph intake', 'intake/data_validator'],
      ['make subgraph intake', 'data_validator'],
    ] as const) {
      await expect.poll(() => page.getByTestId('undo').getAttribute('title')).toContain(undone)
      await page.getByTestId('undo').click()
      await runs(back)
    }
    await page.getByTestId('apply-bar').waitFor({ state: 'detached' })
    const validator = card(instance).locator('button', { hasText: 'data_validator' })
    await until(validator, (text) => /[1-9][\d.k]* → [1-9]/u.test(text))
    await page.getByTestId('edit-mode').click()
    await page.getByTestId('actor-palette').waitFor({ state: 'detached' })
  })

  it('keeps the filter of the log while another tab is shown', async () => {
    await page.getByTestId('log-filter').fill('trained')
    await page.locator('[data-level-chip="debug"]').click()
    await page.getByRole('tab', { name: /Links/u }).click()
    await page.getByRole('tab', { name: 'Log' }).click()
    await expect.poll(() => page.getByTestId('log-filter').inputValue()).toBe('trained')
    await until(page.getByTestId('log'), (text) => text !== '' && !/Processed/u.test(text))
    await expect.poll(() => page.locator('[data-level-chip="debug"]').getAttribute('aria-pressed')).toBe('false')
    await page.locator('[data-level-chip="debug"]').click()
    await page.getByTestId('log-filter').fill('')
  })

  it('lists the links', async () => {
    await page.getByRole('tab', { name: /Links/u }).click()
    const rows = page.getByTestId('links').locator('tbody tr')
    await until(rows.first(), (text) => text.includes('up'))
    await expect.poll(() => rows.count()).toBeGreaterThanOrEqual(4)
    const pane = page.getByTestId('links').locator('..')
    await expect.poll(() => pane.evaluate(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)).toBe(true)
    const before = await rows.count()
    await rows.first().focus()
    await page.keyboard.press('Enter')
    await until(rows.nth(1), (text) => text.includes('address') && text.includes('twice'))
    await page.keyboard.press('Enter')
    await expect.poll(() => rows.count()).toBe(before)
  })

  it('delays a link on purpose, says so for as long as it lasts, and ends it', async () => {
    const dialled = page.getByTestId('links').locator('tbody tr', { hasText: '→' }).first()
    await dialled.click()
    const tools = page.getByTestId('disturb')
    await tools.getByLabel('Delay').fill('60')
    await tools.getByRole('button', { name: 'Delay it' }).click()
    const banner = page.getByTestId('disturbed')
    await until(banner, (text) => text.includes('is delayed by 60 ms'))
    await banner.getByRole('button', { name: 'End it' }).click()
    await banner.waitFor({ state: 'detached' })
  })

  it('dials a link with another token, says where it is refused, and comes back with the right one', async () => {
    const links = page.getByTestId('links')
    const dialled = links.locator('tbody tr', { hasText: '→' }).first()
    const tokens = links.getByTestId('tokens')
    await tokens.getByRole('button', { name: 'Dial with another token …' }).click()
    const dialWith = async (token: string) => {
      await tokens.getByLabel('Token', { exact: true }).fill(token)
      await tokens.getByRole('button', { name: 'Change', exact: true }).click()
      // It goes from the field once the lab has it.
      await expect.poll(() => tokens.getByLabel('Token', { exact: true }).inputValue()).toBe('')
      await until(tokens, (text) => text.includes('It is used from the next connection on.'))
      await links.getByRole('button', { name: 'Reconnect now' }).click()
    }
    await dialWith('nobody-knows-it')
    await until(dialled, (text) => text.includes('refused'))
    await dialWith('${env:DATA_TOKEN:data_token}')
    await until(dialled, (text) => text.includes('up') && !text.includes('refused'))
    expect(await links.textContent()).not.toContain('nobody-knows-it')
    await dialled.click()
    await tokens.waitFor({ state: 'detached' })
  })

  it('tries a peer step by step, and says what is wrong with it and the way out', async () => {
    await page.getByTestId('join-open').click()
    const sheet = page.getByTestId('join')
    await sheet.getByLabel('Address of the peer').fill('127.0.0.1')
    await until(sheet, (text) => text.includes('The port is missing'))
    expect(await page.getByTestId('join-test').isDisabled()).toBe(true)
    await sheet.getByLabel('Address of the peer').fill(`127.0.0.1:${base + 1}`)
    await page.keyboard.press('Enter')
    await page.getByTestId('trial').locator('li.failed[data-step="token"]').waitFor()
    await until(sheet, (text) => text.includes('Fill in the token that stands under “authToken”'))
    await sheet.getByLabel('Token').fill('data_token')
    await page.getByTestId('join-test').click()
    await until(page.getByTestId('trial'), (text) => text.includes('A link can be made to data_instance/data_001.'))
    await page.keyboard.press('Escape')
    await page.getByRole('tab', { name: 'Log' }).click()
  })

  it('shows a peer outside the lab at the edge of the canvas, while it is linked and when it has gone', async () => {
    const guest = new DistributedNetwork({ networkId: 'guest', instanceId: '1' })
    guest.registerLocalActor('sink', defineActor({ name: 'Sink', inports: { Input: {} }, run: () => undefined }))
    await guest.start()
    try {
      await guest.connectToNetwork(`127.0.0.1:${base + 1}`, { token: 'data_token' })
      const source = await guest.registerRemoteActor('data_processor', 'data_instance')
      guest.connect({ node: source, port: 'Output' }, { node: 'sink', port: 'Input' })
      const box = page.getByTestId('peer guest/1')
      await until(box, (text) => /↑ [1-9].*RTT/u.test(text))
      await page.getByRole('button', { name: 'Fit everything' }).click()
      await box.click()
      await expect.poll(() => box.getAttribute('aria-pressed')).toBe('true')
    } finally {
      await guest.shutdown()
    }
    await until(page.getByTestId('peer guest/1'), (text) => /closed|down/u.test(text))
    await page.getByRole('button', { name: 'Select nothing' }).click()
  })

  it('pauses an instance by its menu, duplicates it, and takes the copy away again', async () => {
    const instance = 'data_instance/data_001'
    const menu = async (of: string, item: RegExp) => {
      await page.getByRole('button', { name: `More commands for ${of}` }).click()
      await page.getByRole('menuitem', { name: item }).click()
    }
    await menu(instance, /^Pause/u)
    await until(card(instance).locator('[data-figure="rate"]'), (text) => text.trim() === '0')
    await menu(instance, /^Resume/u)
    await until(card(instance).locator('[data-figure="rate"]'), (text) => Number.parseFloat(text) > 0)
    await menu(instance, /^Duplicate/u)
    await page.locator('[data-rail="instances"]').click()
    await page.keyboard.press('Shift+Escape')
    await until(page.getByTestId('instances-table'), (text) => /data_instance\/data_002\s*copy/u.test(text))
    await menu('data_instance/data_002', /^Take this copy away/u)
    await until(page.getByTestId('instances-table'), (text) => !text.includes('data_002'))
    await page.keyboard.press('Shift+Escape')
    await page.getByTestId('instances-table').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Select nothing' }).click()
  })

  it('stops one instance and starts it again, in a process of its own', async () => {
    const instance = 'ml_instance/ml_001'
    await card(instance).getByRole('button', { name: 'ml_instance', exact: true }).click()
    await page.getByTestId('isolation').selectOption('a process of its own')
    await until(page.getByTestId('inspector'), (text) => /From its next start on; it runs in a thread/u.test(text))
    await until(card(instance), (text) => text.includes('thread → process'))
    await expect.poll(() => button(instance, 'start').isDisabled()).toBe(true)
    await button(instance, 'stop').click()
    await inState(instance, 'stopped')
    await until(page.getByTestId('overall'), (text) => text.trim() === '2 of 3 running')
    await expect.poll(() => button(instance, 'stop').isDisabled()).toBe(true)
    await card(instance).locator('[data-figure="rate"]').waitFor({ state: 'detached' })
    await button(instance, 'start').click()
    await inState(instance, 'running')
    await until(card(instance).locator('[data-figure="rate"]'), (text) => Number.parseFloat(text) > 0)
    await until(card(instance), (text) => /process/u.test(text) && !text.includes('thread'))
    await page.getByRole('button', { name: 'Select nothing' }).click()
  })

  it('kills an instance, says so, and restarts it', async () => {
    const instance = 'api_instance/api_001'
    await button(instance, 'kill').click()
    await expect.poll(() => card(instance).getAttribute('data-state')).toMatch(/stopped|crashed|failed/u)
    await button(instance, 'start').click()
    await inState(instance, 'running')
  })

  it('switches the theme', async () => {
    const theme = () => page.locator('html').getAttribute('data-theme')
    await expect.poll(theme).toBe('dark')
    await page.getByRole('button', { name: 'Light theme' }).click()
    await expect.poll(theme).toBe('light')
    await page.getByRole('button', { name: 'Theme of the system' }).click()
    await expect.poll(theme).toBe('dark')
  })

  it('lets the borders between its panels be moved, and finds them there again', async () => {
    const pane = page.locator('[data-panel="instances"]')
    const before = await widthOf(pane)
    const box = await pane.boundingBox()
    if (!box) throw new Error('the instances are not on screen')
    await page.mouse.move(box.x + box.width + 2, box.y + 200)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width + 92, box.y + 200, { steps: 4 })
    await page.mouse.up()
    await expect.poll(() => widthOf(pane)).toBeGreaterThan(before + 60)
    const moved = await widthOf(pane)
    await page.reload()
    await pane.waitFor()
    await expect.poll(async () => Math.abs((await widthOf(pane)) - moved)).toBeLessThan(4)
    // So is the chart of a field that was plotted.
    await page.locator('[data-rail="metrics"]').click()
    await page.getByRole('button', { name: /^More for .* of /u }).click()
    await page.getByRole('menuitem', { name: 'Take off the board' }).click()
    await page.locator('[data-chart^="field"]').waitFor({ state: 'detached' })
    // The time they show is chosen by keys, too.
    await page.keyboard.press('Shift+b')
    await page.keyboard.press('+')
    await page.keyboard.press('Shift+ArrowLeft')
    await until(page.getByTestId('charts-live'), (text) => text.includes('of the past'))
    await page.keyboard.press('Escape')
    await page.getByTestId('charts-live').waitFor({ state: 'detached' })
  })

  it('shows a panel in a window of its own, which shares the selection and gives the panel back', async () => {
    const [instance = ''] = instances
    await page.getByTestId(`node ${instance} data_collector`).click()
    const panel = page.locator('[data-panel="inspector"]')
    await panel.waitFor()
    const opening = page.context().waitForEvent('page')
    await page.getByRole('button', { name: 'Show Details in a window of its own' }).click()
    const apart = await opening
    apart.on('pageerror', (error) => pageErrors.push(error.message))
    const details = apart.getByTestId('inspector')
    await until(details, (text) => text.includes('data_collector'))
    await panel.waitFor({ state: 'detached' })
    await expect.poll(() => apart.title()).toMatch(/^Details — .* — Millrace$/u)
    expect(await apart.locator('[data-rail]').count()).toBe(0)
    await page.getByTestId(`node ${instance} data_validator`).click()
    await until(details, (text) => text.includes('data_validator'))
    await details.press('Alt+ArrowLeft')
    await until(details, (text) => text.includes('data_collector'))
    await apart.close({ runBeforeUnload: true })
    await panel.waitFor()
    await page.getByRole('button', { name: 'Select nothing' }).click()
  })

  it('tells of a limit that is crossed while the page is hidden', async () => {
    const menu = page.getByRole('button', { name: 'More for Messages per second' })
    await menu.click()
    await page.getByRole('menuitem', { name: /Tell me when/u }).click()
    await page.getByLabel(/^above/u).fill('0')
    await page.getByLabel(/^for/u).fill('2')
    const set = page.getByRole('button', { name: 'Set', exact: true })
    await set.click()
    await set.waitFor({ state: 'detached' })
    const hide = (isHidden: boolean) =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, 'visibilityState', {
          configurable: true,
          get: () => (hidden ? 'hidden' : 'visible'),
        })
        document.dispatchEvent(new Event('visibilitychange'))
      }, isHidden)
    await hide(true)
    await page
      .getByText(/^Messages per second: .* above 0/u)
      .first()
      .waitFor()
    await hide(false)
    // Its notices lie over the menu.
    await page.evaluate(() => localStorage.removeItem('millrace.board.limits'))
    await page.reload()
    await until(page.getByTestId('overall'), (text) => text.trim() === 'all 3 running')
  })

  it('finds every command by its name, and does it by Enter', async () => {
    await page.keyboard.press('Control+k')
    const palette = page.getByTestId('palette')
    await palette.getByRole('textbox').fill('layout build')
    await page.keyboard.press('Enter')
    await palette.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Layout: Build' }).waitFor()
    await page.keyboard.press('Control+k')
    await palette.getByRole('textbox').fill('model_trainer')
    await page.keyboard.press('Enter')
    await until(page.getByTestId('inspector'), (text) => text.includes('ModelTrainer'))
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Layout: Build' }).click()
    await page.getByRole('menuitem', { name: /Watch/u }).click()
    await card(instances[0] ?? '').waitFor()
  })

  it('does the first command found by Enter, also when the list grows too short for the mouse that rests on it', async () => {
    const palette = page.getByTestId('palette')
    await page.keyboard.press('Control+k')
    await palette.getByRole('option').nth(7).hover()
    await palette.getByRole('textbox').press('Control+a')
    await page.keyboard.type('about millrace')
    await expect.poll(() => palette.getByRole('option').count()).toBeLessThan(7)
    await page.keyboard.press('Enter')
    await page.getByText('A desktop lab for running networks').waitFor()
    await page.keyboard.press('Escape')
  })

  it('finds every action in its palette, and does each by its keys, which no other takes', async () => {
    await page.getByTestId('edit-mode').click()
    await page.getByTestId('actor-palette').waitFor()
    await page.getByTestId('node data_instance/data_001 data_validator').click()
    const all = await page.evaluate(actionsNow)
    expect(all.length).toBeGreaterThan(100)
    expect(all.filter(({ isFound }) => !isFound)).toEqual([])
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)

    const keyed = all.flatMap(({ id, keys, keysIn, isElsewhere, isPossible }) =>
      keys.map((key) => ({ id, key, place: `${key} ${keysIn}`.toLowerCase(), isElsewhere, isPossible })),
    )
    expect(keyed.filter(({ place }, index) => keyed.findIndex((other) => other.place === place) !== index)).toEqual([])
    const canvas = page.getByRole('group', { name: /^Canvas being edited/u })
    await canvas.focus()
    // On the canvas its own keys go before the same ones of the window.
    const own = new Set(keyed.flatMap(({ key, place }) => (place.endsWith(' canvas') ? [key] : [])))
    const pressed = keyed.filter(
      ({ key, place, isElsewhere, isPossible }) =>
        !isElsewhere && isPossible && (!own.has(key) || place.endsWith(' canvas')),
    )
    expect(pressed.length).toBeGreaterThan(40)
    for (const { key } of pressed) await page.keyboard.press(key.replace('$mod', 'Control'))
    const done = await page.evaluate(() => (window as unknown as { done: string[][] }).done)
    expect(done.map((ids, place) => `${pressed[place]?.key} does ${ids.join()}`)).toEqual(
      pressed.map(({ key, id }) => `${key} does ${id}`),
    )
    await page.evaluate(() => (window as unknown as { act(): void }).act())
    await page.getByTestId('edit-mode').click()
    await page.getByRole('button', { name: 'Select nothing' }).click()
  })

  it('lists its shortcuts, and each panel comes by its key', async () => {
    await page.keyboard.press('Shift+?')
    await until(page.getByTestId('shortcuts'), (text) => /Start all instances\s*F5/u.test(text))
    await page.keyboard.press('Escape')
    await page.getByTestId('shortcuts').waitFor({ state: 'detached' })
    const panels = ['canvas', 'instances', 'actors', 'links', 'metrics', 'messages', 'log', 'problems', 'hot-spots']
    for (const [place, panel] of panels.entries()) {
      await page.keyboard.press(`Alt+${place + 1}`)
      await page.locator(`[data-panel="${panel}"]`).waitFor()
    }
  })

  it('has the nodes as a table that is searched and sorted', async () => {
    await page.locator('[data-rail="actors"]').click()
    const table = page.getByTestId('actors-table')
    const rows = table.locator('tbody tr')
    await expect.poll(() => rows.count()).toBeGreaterThan(20)
    const all = await rows.count()
    await page.getByRole('searchbox', { name: 'Find nodes' }).fill('type:ModelTrainer')
    await expect.poll(() => rows.count()).toBe(1)
    await rows.first().focus()
    await page.keyboard.press('Enter')
    await until(page.getByTestId('inspector'), (text) => text.includes('model_trainer'))
    await page.getByRole('searchbox', { name: 'Find nodes' }).fill('')
    // The rows are one stop of Tab, the one that was left; arrows go from row to row.
    await expect.poll(() => rows.count()).toBe(all)
    const stops = table.locator('tbody [tabindex="0"]')
    await expect.poll(() => stops.count()).toBe(1)
    await stops.focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => rows.nth(1).evaluate((element) => element === document.activeElement)).toBe(true)
    await expect.poll(() => stops.count()).toBe(1)
    await page.keyboard.press('Tab')
    await expect.poll(() => table.locator('tbody :focus').count()).toBe(0)
    await page.keyboard.press('Shift+Tab')
    await expect.poll(() => rows.nth(1).evaluate((element) => element === document.activeElement)).toBe(true)
    await table.getByRole('button', { name: 'In/s' }).click()
    await until(rows.first(), (text) => /Metrics|Monitoring/u.test(text))
    await page.getByRole('button', { name: 'Select nothing' }).click()
  })

  it('has nothing in any panel, in either theme, that axe calls serious', async () => {
    await page.evaluate(readFileSync('node_modules/axe-core/axe.min.js', 'utf8'))
    const panels = await page.locator('[data-rail]').evaluateAll((all) => all.map((each) => each.dataset['rail'] ?? ''))
    const found: string[] = []
    const look = async (where: string, selector: string, rules: string[] | undefined) => {
      const violations = await page.evaluate(
        async ([within, only]) => {
          const { axe } = window as unknown as { axe: { run(context: object, options: object): Promise<AxeResults> } }
          const runOnly = only ? { runOnly: { type: 'rule', values: only } } : {}
          // What is faded on purpose, as figures are on a machine too busy to bring new ones, is not what is looked for here.
          const { violations: all } = await axe.run(
            { include: [[within]], exclude: [['.stale']] },
            { resultTypes: ['violations'], preload: false, iframes: false, ...runOnly },
          )
          return all.map(({ id, impact, nodes }) => ({ id, impact, html: nodes[0]?.html.slice(0, 200) }))
        },
        [selector, rules] as const,
      )
      const bad = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      found.push(...bad.map(({ id, html }) => `${where}: ${id} ${html}`))
    }
    const setTheme = (theme: string) =>
      page.locator('html').evaluate((html, name) => (html.dataset['theme'] = name), theme)
    for (const panel of panels) {
      await page.locator(`[data-rail="${panel}"]`).click()
      await page.locator(`[data-panel="${panel}"] > *`).first().waitFor()
      await look(panel, `[data-panel="${panel}"]`, undefined)
      // What a theme changes is the colours; with these three in front, most of the others are in sight as well.
      if (!['metrics', 'log', 'inspector'].includes(panel)) continue
      await setTheme('light')
      await look(`the window with ${panel}, light`, 'body', ['color-contrast'])
      await setTheme('dark')
    }
    expect(found).toEqual([])
  })

  it('ranks its hot spots, and lists as many problems as it says there are', async () => {
    await page.locator('[data-rail="hot-spots"]').click()
    await until(page.getByTestId('hot-spots'), (text) => text.includes('Busiest') && text.includes('%'))
    await page.locator('[data-rail="problems"]').click()
    const panel = page.locator('[data-panel="problems"]')
    await expect
      .poll(async () => {
        const said = Number.parseInt((await page.getByTestId('status-problems').textContent()) ?? '', 10)
        const listed = await panel.getByTestId('problems').locator('li').count()
        return said === listed && (listed > 0 || (await panel.getByText('Nothing is wrong').count()) === 1)
      })
      .toBe(true)
  })

  it('opens a sample from Home in place of its lab, and comes back', async () => {
    const open = async (sample: string) => {
      await page.keyboard.press('Control+Shift+h')
      // The window begins anew with another lab: what is done to the page before that is lost with it.
      const begun = page.waitForEvent('load')
      await page.getByTestId('home').locator(`[data-sample="${sample}"]`).click()
      await begun
    }
    await open('catalogue/counter')
    await page.getByTestId('instance counter/counter_001').waitFor()
    await until(page.getByTestId('overall'), (text) => text.trim() === 'running')
    await open('tutorial')
    for (const instance of instances) await inState(instance, 'running')
  })

  it('stops and starts the whole lab', async () => {
    await page.getByRole('button', { name: 'Stop all' }).click()
    for (const instance of instances) await inState(instance, 'stopped')
    await until(page.getByTestId('overall'), (text) => text.trim() === 'stopped')
    await page.getByRole('button', { name: 'Start all' }).click()
    for (const instance of instances) await inState(instance, 'running')
  })

  it('has complained of nothing: no error, no warning, nothing refused by the policy', () => {
    expect(complaints).toEqual([])
    expect(pageErrors).toEqual([])
  })

  it('says that the connection is lost when the lab goes away', async () => {
    await served.interrupt()
    await page.getByTestId('connection-lost').waitFor()
    await until(page.getByTestId('connection-lost'), (text) => text.includes('Connection to the lab lost'))
    await until(page.getByTestId('overall'), (text) => text.includes('not connected'))
    await expect.poll(() => button('ml_instance/ml_001', 'stop').isDisabled()).toBe(true)
    expect(pageErrors).toEqual([])
  })

  it('says that its session has ended when another lab answers at its address', async () => {
    const { port } = new URL(page.url())
    const next = new MillraceProcess(['serve', lab, '--port', port, '--port-base', String(base)], {
      env: { XDG_CONFIG_HOME: folder },
    })
    try {
      await next.line(/\?token=/)
      const banner = page.getByTestId('connection-lost')
      await until(banner, (text) => text.includes('session has ended; open the URL that the terminal prints'))
      await banner.getByRole('button', { name: 'Reload' }).click()
      await page.getByText('Open the URL that the terminal printed').waitFor()
    } finally {
      await next.interrupt()
    }
    expect(pageErrors).toEqual([])
  })
})

/** Every action that the window offers now, and whether its palette finds it by its title; from now on they are noted by the keys that were pressed, not done, until `act` is called. */
function actionsNow() {
  interface Known {
    id: string
    title: string
    keys?: string[]
    keysIn?: string
    areKeysElsewhere?: boolean
    refusal?: string
  }
  const root = document.querySelector('#app') as unknown as {
    __vue_app__: { config: { globalProperties: { $pinia: { _s: Map<string, unknown> } } } }
  }
  const actions = root.__vue_app__.config.globalProperties.$pinia._s.get('actions') as {
    all: Known[]
    run(action: Known): void
    search(text: string, limit: number): Known[]
  }
  const { run } = actions
  const done: string[][] = []
  const note = ({ key }: KeyboardEvent) => {
    if (!['Control', 'Shift', 'Alt', 'Meta'].includes(key)) done.push([])
  }
  addEventListener('keydown', note, { capture: true })
  const act = () => {
    removeEventListener('keydown', note, { capture: true })
    actions.run = run
  }
  Object.assign(window, { done, act })
  actions.run = ({ id }) => done.at(-1)?.push(id)
  return actions.all.map(({ id, title: name, keys = [], keysIn = 'window', areKeysElsewhere = false, refusal }) => ({
    id,
    isFound: actions.search(name, 60).some((other) => other.id === id),
    keys,
    keysIn,
    isElsewhere: areKeysElsewhere,
    isPossible: refusal === undefined,
  }))
}
