// Makes the pictures of every screen, in both themes, from the weather lab as it runs:
//   npm run build && CHROMIUM_PATH=/usr/bin/chromium node test/e2e/screenshots.mjs [folder [screen …]]
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { chromium } from 'playwright-core'

const executablePath = process.env['CHROMIUM_PATH']
if (!executablePath) {
  console.error('screenshots: set CHROMIUM_PATH to a Chromium [USAGE]')
  process.exit(2)
}
const folder = path.resolve(process.argv[2] ?? 'resources/screenshots')
/** Screens named after the folder are taken alone. */
const wanted = process.argv.slice(3)
const sizes = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
]
const pictures = sizes.flatMap((size) => ['dark', 'light'].map((colorScheme) => ({ ...size, colorScheme })))
/** By then the model has seen every day of the data, and the charts have something to show. */
const runMs = 75_000

const trustFolder = mkdtempSync(path.join(tmpdir(), 'millrace-screenshots-'))
const lab = 'resources/examples/ml-pipeline/weather.lab.json'
const served = spawn(process.execPath, ['out/main/cli.js', 'serve', lab, '--port-base', '19000'], {
  env: { ...process.env, XDG_CONFIG_HOME: trustFolder },
  stdio: ['pipe', 'pipe', 'inherit'],
})
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
})
try {
  const context = await browser.newContext()
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  await page.addInitScript(() => localStorage.setItem('millrace.welcomed', 'true'))
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.goto(await printedUrl())
  await page.getByText('all 3 running').waitFor()
  await page.waitForTimeout(runMs)
  await page.getByLabel('Time window').selectOption({ label: '1 min' })
  mkdirSync(folder, { recursive: true })
  for (const { colorScheme, width, height } of wanted.length === 0 ? pictures : []) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height })
    // Two redraws of the charts in the new size and colours.
    await page.waitForTimeout(2_000)
    await take(page, `weather-${colorScheme}-${width}x${height}`)
  }
  await page.setViewportSize({ width: 1280, height: 800 })
  for (const [name, show, leave] of screens(page)) {
    await show()
    for (const colorScheme of wanted.length === 0 || wanted.includes(name) ? ['dark', 'light'] : []) {
      await page.emulateMedia({ colorScheme })
      await page.waitForTimeout(700)
      await take(page, `${name}-${colorScheme}`)
    }
    await leave?.()
  }
} finally {
  await browser.close()
  served.kill('SIGINT')
  rmSync(trustFolder, { recursive: true, force: true })
}

async function take(page, name) {
  const file = path.join(folder, `${name}.png`)
  await page.screenshot({ path: file })
  console.log(path.relative(process.cwd(), file))
}

/** Every screen beside the first: its name, how a person gets there, and back. */
function screens(page) {
  const escape = () => page.keyboard.press('Escape')
  const panel = (id) => page.locator(`[data-rail="${id}"]`).click()
  const layout = async (name) => {
    await page.getByRole('button', { name: /^Layout:/u }).click()
    await page.getByRole('menuitem', { name: new RegExp(`^${name}`, 'u') }).click()
  }
  const whole = async (id) => {
    await panel(id)
    await page.keyboard.press('Shift+Escape')
  }
  const back = () => page.keyboard.press('Shift+Escape')
  const node = (name) => page.getByTestId(`node ${name}`).click()
  return [
    ['home', () => page.keyboard.press('Control+Shift+h'), escape],
    [
      'palette',
      async () => {
        await page.keyboard.press('Control+k')
        await page.getByTestId('palette').getByRole('textbox').fill('model')
      },
      escape,
    ],
    ['shortcuts', () => page.keyboard.press('Shift+?'), escape],
    [
      'tour',
      async () => {
        await page.keyboard.press('Control+k')
        await page.getByTestId('palette').getByRole('textbox').fill('tour in five')
        await page.keyboard.press('Enter')
        await page.getByTestId('tour').waitFor()
      },
      escape,
    ],
    ['instances', () => whole('instances'), back],
    ['actors', () => whole('actors'), back],
    [
      'links',
      async () => {
        await whole('links')
        await page.getByTestId('links').locator('tbody tr', { hasText: '→' }).first().click()
        await page.getByTestId('disturb').waitFor()
      },
      back,
    ],
    [
      'join',
      async () => {
        await panel('links')
        await page.getByTestId('join-open').click()
        await page.getByTestId('join').getByLabel('Address of the peer').fill('127.0.0.1:19001')
        await page.keyboard.press('Enter')
        await page.getByTestId('trial').waitFor()
      },
      escape,
    ],
    ['metrics', () => whole('metrics'), back],
    ['log', () => whole('log'), back],
    ['hot-spots', () => whole('hot-spots'), back],
    [
      'messages',
      async () => {
        await panel('canvas')
        await node('data_instance/data_001 data_processor')
        await whole('messages')
        await page.getByTestId('messages').getByRole('button').nth(3).waitFor()
        await page.getByTestId('messages-pause').click()
        await page.getByTestId('messages').getByRole('button').nth(3).click()
      },
      back,
    ],
    ['problems', () => whole('problems'), back],
    ['dead-letters', () => whole('dead-letters'), back],
    [
      'build',
      async () => {
        await layout('Build')
        await node('ml_instance/ml_001 model_trainer')
      },
    ],
    [
      'edit',
      async () => {
        await layout('Build')
        await page.getByTestId('edit-mode').click()
        await node('ml_instance/ml_001 model_trainer')
        await page.keyboard.press('Control+d')
        await page.getByTestId('apply-bar').waitFor()
        await page.keyboard.press('2')
      },
      async () => {
        await page.getByTestId('undo').click()
        await page.getByTestId('apply-bar').waitFor({ state: 'detached' })
        await page.getByTestId('edit-mode').click()
      },
    ],
    ['debug', () => layout('Debug'), escape],
    [
      'trace',
      async () => {
        await node('data_instance/data_001 data_collector')
        await page.keyboard.press('t')
        await page.getByTestId('waterfall').locator('[data-hop="feature_engineer"]').first().click()
      },
      async () => {
        await page.keyboard.press('x')
        await escape()
      },
    ],
    ['present', () => layout('Present')],
  ]
}

/** The URL that `serve` prints, which opens the window once. */
async function printedUrl() {
  for await (const line of createInterface({ input: served.stdout })) {
    const url = /https?:\S+\?token=\S+/u.exec(line)?.[0]
    if (url) return url
  }
  throw new Error('millrace ended before it printed its URL')
}
