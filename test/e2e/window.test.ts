import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { chromium, type Browser, type Locator, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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
    expect(await page.title()).toMatch(/ — Millrace$/u)
  })

  it('draws every node, and the links with their rates', async () => {
    const topology = page.getByTestId('topology')
    await topology.getByTestId('node data_instance/data_001 data_processor').waitFor()
    await topology.getByTestId('node ml_instance/ml_001 feature_engineer').waitFor()
    expect(await topology.locator('.vue-flow__edge').count()).toBeGreaterThan(12)
    await until(topology.locator('.vue-flow__edge-labels'), (text) => /RTT [\d.]+ m?s/u.test(text))
  })

  it('draws the topology large enough to be read, and no label of a wire on another', async () => {
    const scale = await page
      .locator('.vue-flow__transformationpane')
      .evaluate((pane) => pane.getBoundingClientRect().width / (pane as HTMLElement).offsetWidth)
    const size = await page
      .getByTestId('node ml_instance/ml_001 model_trainer')
      .evaluate((node) => Number.parseFloat(getComputedStyle(node).fontSize))
    expect(scale * size).toBeGreaterThan(9)
    const overlaps = await page.locator('.vue-flow__edge-labels').evaluate((layer) => {
      const boxes = [...layer.querySelectorAll('.label .label')].map((label) => label.getBoundingClientRect())
      const meet = (one: DOMRect, other: DOMRect) =>
        one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom
      return boxes.flatMap((one, index) => boxes.slice(index + 1).filter((other) => meet(one, other))).length
    })
    expect(overlaps).toBe(0)
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
    await page.getByText(/Jump to latest \(\d+ new\)/u).click()
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
    await page.getByTestId('log-filter').fill('')
    await page.keyboard.press('Escape')
    await log.focus()
    await page.keyboard.press('m')
    await page.keyboard.press('End')
    await log.getByTestId('log-mark').waitFor()
  })

  it('shows what goes over the wires of a node, lets it stand still, and opens a message', async () => {
    await page.getByTestId('node data_instance/data_001 data_processor').click()
    await page.locator('[data-rail="messages"]').click()
    const list = page.getByTestId('messages')
    await until(page.getByTestId('messages-count'), (text) => Number.parseInt(text, 10) > 5)
    await page.getByTestId('messages-pause').click()
    await until(page.getByTestId('messages-pause'), (text) => /\d+ new, go on/u.test(text))
    await list.getByRole('button').first().click()
    await until(page.getByTestId('message-tree'), (text) => text.includes('{'))
    await page.getByTestId('message').getByRole('tab', { name: 'hex' }).click()
    await until(page.getByTestId('message'), (text) => text.includes('000000'))
    await page.getByTestId('messages-pause').click()
  })

  it('holds messages at a breakpoint, lets one go, and goes on', async () => {
    await page
      .getByTestId('topology')
      .locator('button.label', { hasText: /^\s*\d+\/s/u })
      .first()
      .click()
    const queue = page.getByTestId('wire-queue')
    await queue.getByTestId('break-here').click()
    await until(queue, (text) => Number.parseInt(/(\d+) held/u.exec(text)?.[1] ?? '0', 10) > 2)
    await queue.getByRole('button', { name: 'One' }).click()
    await queue.getByRole('button', { name: 'End breakpoint' }).click()
    await queue.getByTestId('break-here').waitFor()
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
    await page.getByTestId('inject-send').click()
    await until(sheet, (text) => text.includes('1 sent'))
    await page.keyboard.press('Escape')
    await page.locator('[data-rail="log"]').click()
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
    const target = await port('debug', 'in:Input').boundingBox()
    if (!target) throw new Error('the port of the new node is not on screen')
    await page.mouse.move(target.x + target.width / 2, target.y + target.height / 2, { steps: 5 })
    expect(await port('debug', 'in:Input').getAttribute('class')).toContain('fits')
    expect(await port('data_validator', 'out:Valid').getAttribute('class')).toContain('refuses')
    await page.mouse.up()
    await until(page.getByTestId('to-apply'), (text) => text === '2 changes to apply')

    const every = page.getByTestId('node-settings').locator('[data-field="every"]')
    await every.getByRole('textbox').fill('0')
    await until(every.getByRole('alert'), (text) => text === 'expected at least 1, found 0')
    await every.getByRole('textbox').fill('20')
    await page.keyboard.press('Enter')
    await page.getByTestId('to-save').click()
    await until(page.getByTestId('change-list'), (text) => text.includes('wire data_collector.Output -> debug.Input'))
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
    await page.getByTestId('edit-mode').click()
    await page.getByTestId('actor-palette').waitFor({ state: 'detached' })
  })

  it('keeps the filter of the log while another tab is shown', async () => {
    await page.getByTestId('log-filter').fill('trained')
    await page.locator('[data-level-chip="debug"]').click()
    await page.getByRole('tab', { name: /Links/u }).click()
    await page.getByRole('tab', { name: 'Log' }).click()
    expect(await page.getByTestId('log-filter').inputValue()).toBe('trained')
    await until(page.getByTestId('log'), (text) => text !== '' && !/Processed/u.test(text))
    expect(await page.locator('[data-level-chip="debug"]').getAttribute('aria-pressed')).toBe('false')
    await page.locator('[data-level-chip="debug"]').click()
    await page.getByTestId('log-filter').fill('')
  })

  it('lists the links', async () => {
    await page.getByRole('tab', { name: /Links/u }).click()
    const rows = page.getByTestId('links').locator('tbody tr')
    await until(rows.first(), (text) => text.includes('up'))
    expect(await rows.count()).toBeGreaterThanOrEqual(4)
    const pane = page.getByTestId('links').locator('..')
    expect(await pane.evaluate(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)).toBe(true)
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
    await dialled.click()
    await tools.waitFor({ state: 'detached' })
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
    await card('data_instance/data_002').waitFor({ state: 'detached' })
    await page.keyboard.press('Shift+Escape')
    await page.getByTestId('instances-table').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Select nothing' }).click()
  })

  it('stops one instance and starts it again', async () => {
    const instance = 'ml_instance/ml_001'
    expect(await button(instance, 'start').isDisabled()).toBe(true)
    await button(instance, 'stop').click()
    await inState(instance, 'stopped')
    await until(page.getByTestId('overall'), (text) => text.trim() === '2 of 3 running')
    expect(await button(instance, 'stop').isDisabled()).toBe(true)
    expect(await card(instance).locator('[data-figure="rate"]').count()).toBe(0)
    await button(instance, 'start').click()
    await inState(instance, 'running')
    await until(card(instance).locator('[data-figure="rate"]'), (text) => Number.parseFloat(text) > 0)
  })

  it('kills an instance, says so, and restarts it', async () => {
    const instance = 'api_instance/api_001'
    await button(instance, 'kill').click()
    await expect
      .poll(() => card(instance).getAttribute('data-state'), { timeout: 20_000 })
      .toMatch(/stopped|crashed|failed/u)
    await button(instance, 'start').click()
    await inState(instance, 'running')
  })

  it('switches the theme', async () => {
    const theme = () => page.locator('html').getAttribute('data-theme')
    expect(await theme()).toBe('dark')
    await page.getByRole('button', { name: 'Light theme' }).click()
    expect(await theme()).toBe('light')
    await page.getByRole('button', { name: 'Theme of the system' }).click()
    expect(await theme()).toBe('dark')
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
    expect(await widthOf(pane)).toBeGreaterThan(before + 60)
    const moved = await widthOf(pane)
    await page.reload()
    await pane.waitFor()
    await expect.poll(async () => Math.abs((await widthOf(pane)) - moved)).toBeLessThan(4)
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
    const all = await rows.count()
    expect(all).toBeGreaterThan(20)
    await page.getByRole('searchbox', { name: 'Find nodes' }).fill('type:ModelTrainer')
    await expect.poll(() => rows.count()).toBe(1)
    await rows.first().focus()
    await page.keyboard.press('Enter')
    await until(page.getByTestId('inspector'), (text) => text.includes('model_trainer'))
    await page.getByRole('searchbox', { name: 'Find nodes' }).fill('')
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
          const { axe } = window as unknown as { axe: { run(context: string, options: object): Promise<AxeResults> } }
          const runOnly = only ? { runOnly: { type: 'rule', values: only } } : {}
          const { violations: all } = await axe.run(within, {
            resultTypes: ['violations'],
            preload: false,
            iframes: false,
            ...runOnly,
          })
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
      await page.getByTestId('home').locator(`[data-sample="${sample}"]`).click()
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
    expect(await page.getByTestId('connection-lost').textContent()).toContain('Connection to the lab lost')
    expect(await page.getByTestId('overall').textContent()).toContain('not connected')
    expect(await button('ml_instance/ml_001', 'stop').isDisabled()).toBe(true)
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
