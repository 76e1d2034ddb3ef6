// Makes the pictures of the README from the weather lab as it runs:
//   npm run build && CHROMIUM_PATH=/usr/bin/chromium node test/e2e/screenshots.mjs [folder]
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
  await page.goto(await printedUrl())
  await page.getByText('all 3 running').waitFor()
  await page.waitForTimeout(runMs)
  await page.getByLabel('Time window').selectOption({ label: '1 min' })
  mkdirSync(folder, { recursive: true })
  for (const { colorScheme, width, height } of pictures) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height })
    // Two redraws of the charts in the new size and colours.
    await page.waitForTimeout(2_000)
    const file = path.join(folder, `weather-${colorScheme}-${width}x${height}.png`)
    await page.screenshot({ path: file })
    console.log(path.relative(process.cwd(), file))
  }
} finally {
  await browser.close()
  served.kill('SIGINT')
  rmSync(trustFolder, { recursive: true, force: true })
}

/** The URL that `serve` prints, which opens the window once. */
async function printedUrl() {
  for await (const line of createInterface({ input: served.stdout })) {
    const url = /https?:\S+\?token=\S+/u.exec(line)?.[0]
    if (url) return url
  }
  throw new Error('millrace ended before it printed its URL')
}
