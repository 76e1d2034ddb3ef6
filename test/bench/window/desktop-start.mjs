import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { WebSocket } from 'ws'
import { percentile, trust } from './window-page.mjs'

/** Starts the desktop and a bare program in turn; what to say of it, and the middle of the milliseconds to interactive. */
export async function desktopStarts(executablePath, where) {
  const cold = await desktopStart(executablePath, where)
  const [bare, warm] = [[], []]
  for (let round = 0; round < 5; round++) {
    bare.push(await bareStart(executablePath, where))
    warm.push(await desktopStart(executablePath, where))
  }
  const middle = (starts, what) =>
    Math.round(
      percentile(
        starts.map((one) => one[what]),
        0.5,
      ),
    )
  const ms = middle(warm, 'interactiveMs')
  const told = `first picture ${middle(warm, 'shownMs')} ms, interactive ${ms} ms; the first start ${cold.interactiveMs} ms; a bare window ${middle(bare, 'interactiveMs')} ms`
  return { told, ms }
}

/**
 * Starts the desktop on a lab and ends it again; milliseconds from the start of the process to the first picture of its page, and to a
 * drawn, running lab that has opened the palette by its key. It is watched through the browser's own debugging port alone: a
 * driver that holds the program until it is attached would be part of what is measured.
 */
export async function desktopStart(executablePath, { root, file, folder }) {
  const args = [root, '--', file]
  trust(folder)
  return timed(executablePath, args, { XDG_CONFIG_HOME: path.join(folder, 'config') }, [
    `document.querySelector('.vue-flow__node') && /running/u.test(document.querySelector('[data-testid="overall"]')?.textContent)`,
    `document.querySelector('[data-testid="palette"]')`,
  ])
}

/** The same of a program that has nothing but a window with an empty page, which answers a key: less cannot be had here. */
export async function bareStart(executablePath, { folder }) {
  const bare = path.join(folder, 'bare')
  mkdirSync(bare, { recursive: true })
  writeFileSync(path.join(bare, 'package.json'), JSON.stringify({ name: 'bare', main: 'main.cjs' }))
  writeFileSync(path.join(bare, 'main.cjs'), bareProgram)
  writeFileSync(path.join(bare, 'index.html'), barePage)
  return timed(executablePath, [bare], { XDG_CONFIG_HOME: path.join(folder, 'bare-config') }, [
    `document.querySelector('p')`,
    `document.querySelector('b')`,
  ])
}

const bareProgram = `
const { app, BrowserWindow } = require('electron')
app.whenReady().then(() => {
  const window = new BrowserWindow({ width: 1280, height: 800, show: false, webPreferences: { sandbox: true } })
  window.once('ready-to-show', () => window.show())
  window.loadFile('index.html')
})
`
const barePage = `<!doctype html><title>bare</title><p>empty</p><script>
addEventListener('keydown', () => document.body.append(document.createElement('b')))
</script>`

async function timed(executablePath, args, env, [isThere, hasAnswered]) {
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const { ELECTRON_RUN_AS_NODE: _asNode, ...inherited } = process.env
  const startMs = Date.now()
  const program = spawn(executablePath, [...asRoot, '--remote-debugging-port=0', ...args], {
    env: { ...inherited, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = new Promise((resolve) => program.once('exit', resolve))
  const tooLong = setTimeout(() => program.kill('SIGKILL'), 60_000)
  const browser = await debuggingLine(program.stderr)
  try {
    const sessionId = await firstPage(browser)
    await evaluate(browser, sessionId, seen(isThere))
    const drawnMs = Date.now() - startMs
    const key = { key: 'k', code: 'KeyK', windowsVirtualKeyCode: 75, modifiers: 2 }
    await browser.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...key }, sessionId)
    await evaluate(browser, sessionId, seen(hasAnswered))
    const interactiveMs = Date.now() - startMs
    const shownMs = (await evaluate(browser, sessionId, firstPicture)) - startMs
    return { shownMs, drawnMs, interactiveMs }
  } finally {
    await browser.send('Browser.close').catch(() => program.kill())
    browser.close()
    await ended
    clearTimeout(tooLong)
  }
}

/** Evaluates in the page; again when the page has just taken the place of the empty one before it. */
async function evaluate(browser, sessionId, expression) {
  try {
    return (await browser.send('Runtime.evaluate', { expression, awaitPromise: true }, sessionId)).result.value
  } catch (error) {
    if (!/context/iu.test(error.message)) throw error
    return evaluate(browser, sessionId, expression)
  }
}

/** Resolves in the frame after something is there. */
const seen = (what) => `new Promise((resolve) => {
  const look = () => {
    if (!(${what})) return false
    observer.disconnect()
    requestAnimationFrame(() => resolve(true))
    return true
  }
  const observer = new MutationObserver(look)
  if (!look()) observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true })
})`

const firstPicture = `new Promise((resolve) =>
  new PerformanceObserver((list) => {
    const picture = list.getEntriesByName('first-contentful-paint')[0]
    if (picture) resolve(performance.timeOrigin + picture.startTime)
  }).observe({ type: 'paint', buffered: true }))`

async function debuggingLine(output) {
  for await (const line of createInterface({ input: output })) {
    const url = /ws:\S+/u.exec(line)?.[0]
    if (url) return dial(url)
  }
  throw new Error('the desktop ended before it could be watched')
}

async function dial(url) {
  const socket = new WebSocket(url)
  const waiting = new Map()
  let number = 0
  socket.on('message', (data) => {
    const { id, result, error } = JSON.parse(String(data))
    const answer = waiting.get(id)
    waiting.delete(id)
    if (error) answer?.reject(new Error(error.message))
    else answer?.resolve(result)
  })
  socket.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('the desktop is gone'))
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return {
    send: (method, params = {}, sessionId = undefined) =>
      new Promise((resolve, reject) => {
        waiting.set(++number, { resolve, reject })
        socket.send(JSON.stringify({ id: number, method, params, ...(sessionId && { sessionId }) }))
      }),
    close: () => socket.close(),
  }
}

/** Waits for a page that has begun to load, and attaches to it. */
async function firstPage(browser) {
  for (;;) {
    const { targetInfos } = await browser.send('Target.getTargets')
    const page = targetInfos.find(({ type, url }) => type === 'page' && /^(?:app|file):/u.test(url))
    if (page) return (await browser.send('Target.attachToTarget', { targetId: page.targetId, flatten: true })).sessionId
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
