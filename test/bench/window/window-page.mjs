import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'

/** Serves a lab by the built command line and opens its window in a browser; `close` ends both. */
export async function openWindow(
  browser,
  { root, file, folder, isNew = false, viewport = { width: 1600, height: 1000 } },
) {
  const config = trust(folder)
  const lab = file === undefined ? ['--port-base', '24500'] : [file]
  const served = spawn(process.execPath, [path.join(root, 'out/main/cli.js'), 'serve', ...lab], {
    env: { ...process.env, XDG_CONFIG_HOME: config },
    stdio: ['pipe', 'pipe', process.env['MILLRACE_DEBUG'] ? 'inherit' : 'ignore'],
  })
  const context = await browser.newContext({ viewport })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  if (!isNew) await page.addInitScript(() => localStorage.setItem('millrace.welcomed', 'true'))
  const url = await printedUrl(served.stdout)
  const ended = new Promise((resolve) => served.on('exit', resolve))
  await page.goto(url)
  return {
    page,
    pid: served.pid,
    async close() {
      await context.close()
      served.kill('SIGINT')
      await ended
    },
  }
}

/** Lets the labs of a folder run; answers where the programs that are measured keep their settings. */
export function trust(folder) {
  const config = path.join(folder, 'config')
  mkdirSync(path.join(config, 'millrace'), { recursive: true })
  writeFileSync(path.join(config, 'millrace/trusted-folders.json'), JSON.stringify({ folders: [folder] }))
  return config
}

async function printedUrl(output) {
  for await (const line of createInterface({ input: output })) {
    const url = /https?:\S+\?token=\S+/u.exec(line)?.[0]
    if (url) return url
  }
  throw new Error('millrace ended before it printed its URL')
}

/** The part of an ascending list below which this share of it lies. */
export function percentile(values, share) {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

/** Seconds of processor time that a process and its threads have used; Linux alone tells it this way. */
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /u, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Seconds of processor time that the browser's pages and what paints them have used. */
export async function pageSeconds(browser) {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  return processInfo
    .filter(({ type }) => type === 'renderer' || type === 'GPU')
    .reduce((sum, { cpuTime }) => sum + cpuTime, 0)
}

/** Has the page note how long each key press took to the next paint, by the browser's own Event Timing. */
export async function watchInput(page) {
  await page.evaluate(() => {
    const seen = []
    Reflect.set(window, 'inputDurations', seen)
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (entry.name === 'keydown') seen.push(entry.duration)
    }).observe({ type: 'event', durationThreshold: 16 })
  })
}

/** Frames that a page paints while something is done, per second, and the longest time between two. */
export async function framesDuring(page, act) {
  await page.evaluate(() => {
    const times = []
    Reflect.set(window, 'frameTimes', times)
    const note = (time) => {
      times.push(time)
      if (Reflect.get(window, 'frameTimes') === times) requestAnimationFrame(note)
    }
    requestAnimationFrame(note)
  })
  await act()
  const times = await page.evaluate(() => {
    const noted = Reflect.get(window, 'frameTimes')
    Reflect.set(window, 'frameTimes', undefined)
    return noted
  })
  const gaps = times.slice(1).map((time, place) => time - times[place])
  return {
    perSecond: (gaps.length / (times.at(-1) - times[0])) * 1_000,
    worstMs: Math.max(...gaps),
    p95Ms: percentile(gaps, 0.95),
  }
}
