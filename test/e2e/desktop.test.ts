import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { ElectronApplication, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeHostileLab } from './fixtures/hostile-lab.ts'
import { freePortBase, MillraceProcess } from './fixtures/millrace-process.ts'
import { startElectron } from './fixtures/start-electron.ts'

const executablePath = process.env['ELECTRON_EXEC_PATH']
const display = process.env['DISPLAY']
const missing =
  executablePath === undefined
    ? 'ELECTRON_EXEC_PATH is not set'
    : display === undefined && process.platform === 'linux'
      ? 'DISPLAY is not set'
      : undefined
const tutorial = path.resolve('resources/examples/ml-pipeline/tutorial.lab.json')
const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []

describe.skipIf(missing !== undefined)(
  `the desktop window${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let folder: string
    let env: Record<string, string>
    let app: ElectronApplication
    let page: Page
    let apart: Page

    beforeAll(async () => {
      folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'millrace-desktop-')))
      env = { ...(process.env as Record<string, string>), XDG_CONFIG_HOME: path.join(folder, 'config') }
      mkdirSync(path.join(folder, 'config/millrace'), { recursive: true })
      writeFileSync(path.join(folder, 'config/millrace/trusted-folders.json'), JSON.stringify({ folders: [folder] }))
      const base = await freePortBase([1, 2, 3, 80])
      app = await startElectron({
        executablePath: executablePath ?? '',
        args: [...asRoot, process.cwd(), '--', tutorial, '--port-base', String(base)],
        env,
      })
      page = await app.firstWindow()
    })
    afterAll(async () => {
      await app?.close()
      rmSync(folder, { recursive: true, force: true })
    })

    const act = (id: string) =>
      app.evaluate(({ Menu }, item) => Menu.getApplicationMenu()?.getMenuItemById(item)?.click(), id)

    it('shows the lab and its running instances', async () => {
      await page.getByText('all 3 running').waitFor()
      for (const name of ['data_instance', 'ml_instance', 'api_instance']) await page.getByText(name).first().waitFor()
      expect(page.url()).toBe('app://millrace/index.html')
    })

    it('saves charts, the log and messages as files', async () => {
      const saved = async (button: Locator, item?: string | RegExp) => {
        await app.evaluate(({ session }, to) => {
          const download = new Promise<string>((resolve) => {
            session.fromPartition('persist:millrace').once('will-download', (_event, file) => {
              // Else the system's own dialog asks where to.
              file.setSavePath(`${to}/${file.getFilename()}`)
              file.once('done', (_done, state) => resolve(state === 'completed' ? file.getSavePath() : state))
            })
          })
          Object.assign(globalThis, { download })
        }, folder)
        await button.click()
        if (item) await page.getByRole('menuitem', { name: item }).click()
        const file = await app.evaluate(() => (globalThis as unknown as { download: Promise<string> }).download)
        return { name: path.basename(file), bytes: readFileSync(file) }
      }
      const chart = page.getByRole('button', { name: 'More for Messages per second' })
      const png = await saved(chart, 'Save as PNG')
      expect(png.name).toMatch(/^messages-per-second-[\dT-]+\.png$/u)
      expect(png.bytes.subarray(1, 4).toString()).toBe('PNG')
      expect((await saved(chart, 'Save as SVG')).bytes.toString()).toContain('</svg>')
      expect((await saved(chart, 'Save what is shown as CSV')).bytes.toString()).toMatch(/^time,data_instance/u)
      const log = await saved(page.getByTestId('log-menu'), /^Save all \d+ lines as JSON lines/u)
      expect(JSON.parse(log.bytes.toString().split('\n')[0] ?? '')).toMatchObject({ type: 'line' })
      await page.getByTestId('node data_instance/data_001 data_processor').click()
      await page.locator('[data-rail="messages"]').click()
      const messages = page.getByTestId('messages')
      await messages.getByRole('button').first().waitFor()
      const lines = await saved(page.getByRole('button', { name: 'Save as JSONL' }))
      expect(JSON.parse(lines.bytes.toString().split('\n')[0] ?? '')).toMatchObject({
        instance: 'data_instance/data_001',
      })
      await page.getByRole('button', { name: 'Select nothing' }).click()
      await page.locator('[data-rail="log"]').click()
    })

    it('reads nothing of a lab before its window is there', () => {
      const read = new Set<string>()
      const packages = new Set<string>()
      const follow = (file: string) => {
        if (read.has(file)) return
        read.add(file)
        const text = readFileSync(file, 'utf8')
        for (const [, name = ''] of text.matchAll(/^import [^;]*?"([^"]+)";$/gm))
          if (name.startsWith('.')) follow(path.resolve(path.dirname(file), name))
          else if (!name.startsWith('node:')) packages.add(name)
      }
      follow(path.resolve('out/main/index.js'))
      expect([...packages]).toEqual(['electron'])
      expect(Math.max(...[...read].map((file) => statSync(file).size))).toBeLessThan(50_000)
    })

    it('greets a newcomer, and leads through five steps', async () => {
      await page.getByTestId('welcome').getByRole('button', { name: 'Take the tour' }).click()
      const card = page.getByTestId('tour')
      for (let step = 1; step <= 5; step++) {
        await card.getByText(`Step ${step} of 5`).waitFor()
        await page.keyboard.press('Enter')
      }
      await card.waitFor({ state: 'detached' })
      expect(await page.getByTestId('welcome').count()).toBe(0)
    })

    it('has a native menu whose every item the page knows', async () => {
      const clicked = await app.evaluate(({ Menu }) => {
        // These would change what the next tests look at, or open the system's own dialog.
        const left = new Set(['lab.startAll', 'lab.stopAll', 'lab.open', 'panel.enlarge', 'panel.bottom'])
        const all = (menu: Electron.Menu): Electron.MenuItem[] =>
          menu.items.flatMap((item) => [item, ...(item.submenu ? all(item.submenu) : [])])
        const menu = Menu.getApplicationMenu()
        const ours = (menu ? all(menu) : []).filter(
          ({ id }) => typeof id === 'string' && id.includes('.') && !left.has(id),
        )
        for (const item of ours) item.click()
        return ours.map(({ id }) => id)
      })
      expect(clicked.length).toBeGreaterThan(25)
      // The page does what it is told in order: once this is done, so is all before it.
      await act('theme.contrast')
      await page.locator('html[data-theme="contrast"]').waitFor()
      expect(await page.getByText('The window does not know this command').count()).toBe(0)
      // The topmost thing goes first: the tour, then the dialog under it.
      await page.keyboard.press('Escape')
      await page.getByTestId('tour').waitFor({ state: 'detached' })
      const dialogs = page.getByRole('dialog')
      await expect
        .poll(async () => {
          await page.keyboard.press('Escape')
          return await dialogs.count()
        })
        .toBe(0)
      for (const id of ['layout.watch', 'theme.system']) await act(id)
    })

    it('does nothing about a link before a person agrees', async () => {
      /** Follows a link, and waits for what is asked about it: the other start may be over before this one has heard of it. */
      const follow = async (link: string, answer: 0 | 1, question: string) => {
        await app.evaluate(({ dialog }, response) => {
          Reflect.set(globalThis, 'asked', [])
          dialog.showMessageBox = (options: unknown) => {
            Reflect.get(globalThis, 'asked').push((options as { detail: string }).detail)
            return Promise.resolve({ response, checkboxChecked: false })
          }
        }, answer)
        const second = spawn(executablePath ?? '', [...asRoot, process.cwd(), '--', link], { env, stdio: 'ignore' })
        await new Promise((resolve) => second.on('exit', resolve))
        await expect
          .poll(() => app.evaluate(() => (Reflect.get(globalThis, 'asked') as string[]).join()))
          .toContain(question)
      }
      const link = 'millrace://join?peer=127.0.0.1:9'
      const join = page.getByTestId('join')
      await follow(link, 1, '127.0.0.1:9')
      expect(await join.count()).toBe(0)
      await follow(link, 0, '127.0.0.1:9')
      await expect.poll(() => join.getByLabel('Address of the peer').inputValue()).toBe('127.0.0.1:9')
      await page.keyboard.press('Escape')
      await join.waitFor({ state: 'detached' })
      await follow('millrace://open?file=relative', 0, 'millrace://open?file=')
    })

    it('gives its page nothing but the door and the contract', async () => {
      const seen = await page.evaluate(() => ({
        door: JSON.stringify(Reflect.get(window, 'millrace')),
        node: ['require', 'process', 'module', 'Buffer'].filter((name) => name in window),
      }))
      expect(seen).toEqual({ door: `{"door":"desktop","platform":"${process.platform}"}`, node: [] })
      const preferences = await app.evaluate(({ BrowserWindow }) => {
        const contents = BrowserWindow.getAllWindows()[0]?.webContents
        const all: Record<string, unknown> = Reflect.get(contents ?? {}, 'getLastWebPreferences').call(contents)
        return {
          sandbox: all['sandbox'],
          contextIsolation: all['contextIsolation'],
          nodeIntegration: all['nodeIntegration'],
        }
      })
      expect(preferences).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false })
    })

    it('keeps to its content policy and connects again after a reload', async () => {
      await page.addInitScript(() => {
        const violations: string[] = []
        Reflect.set(window, 'violations', violations)
        addEventListener('securitypolicyviolation', (event) =>
          violations.push(`${event.violatedDirective} ${event.blockedURI}`),
        )
      })
      await page.reload()
      await page.getByText('all 3 running').waitFor()
      expect(await page.evaluate(() => Reflect.get(window, 'violations'))).toEqual([])
      // Playwright's own world is free of the policy, the page's scripts are not.
      await page.evaluate(() => {
        const script = document.createElement('script')
        script.textContent = 'window.ran = true'
        document.body.append(script)
      })
      await expect
        .poll(() => page.evaluate(() => Reflect.get(window, 'violations')))
        .toEqual(['script-src-elem inline'])
      expect(await page.evaluate(() => Reflect.get(window, 'ran'))).toBeUndefined()
    })

    it('denies navigation, new windows and permissions', async () => {
      const opened = await page.evaluate(() => window.open('https://example.com') === null)
      expect(opened).toBe(true)
      await page.evaluate(() => {
        window.location.href = 'https://example.com/'
      })
      expect(await page.evaluate(async () => await Notification.requestPermission())).toBe('denied')
      expect(page.url()).toBe('app://millrace/index.html')
      expect(app.windows()).toHaveLength(1)
      // The driver takes the denied navigation for one that is still under way.
      await page.reload()
      // What the menu asks of a page that is not there yet is lost.
      await page.getByText('all 3 running').waitFor()
    })

    it('shows a panel in a window of its own, as safe as the other, and no window that is not asked for so', async () => {
      await page.locator('[data-rail="log"]').click()
      const opening = app.waitForEvent('window')
      await page.getByRole('button', { name: 'Show Log in a window of its own' }).click()
      const log = await opening
      await log.getByTestId('log').waitFor()
      expect(
        await log.evaluate(() => Reflect.has(window, 'require') || window.open('https://example.com') !== null),
      ).toBe(false)
      await page.evaluate(() => window.open('/other.html?panel=log'))
      await page.evaluate(() => window.open('/index.html?panel=log'))
      expect(app.windows()).toHaveLength(2)
      await app.evaluate(({ BrowserWindow }) => {
        const isApart = ({ webContents }: Electron.BrowserWindow) => webContents.getURL().includes('panel=log')
        BrowserWindow.getAllWindows().find(isApart)?.close()
      })
      await page.locator('[data-panel="log"]').waitFor()
    })

    it('gives nothing of its files to other names, and nothing outside of them', async () => {
      const statuses = await page.evaluate(async () => {
        const paths = ['/index.html', '/..%2fmain%2findex.js', '/none.js']
        return await Promise.all(paths.map(async (name) => (await fetch(name)).status))
      })
      expect(statuses).toEqual([200, 404, 404])
    })

    it('stops its lab by its menu', async () => {
      await act('lab.stopAll')
      await page
        .getByTestId('overall')
        .filter({ hasText: /^\s*stopped\s*$/u })
        .waitFor()
    })

    it('shows another lab in a window of its own when it is started again', async () => {
      const file = writeHostileLab(folder)
      const another = app.waitForEvent('window')
      const second = spawn(executablePath ?? '', [...asRoot, process.cwd(), '--', file], { env, stdio: 'ignore' })
      const code = await new Promise((resolve) => second.on('exit', resolve))
      expect(code).toBe(0)
      const window = await another
      apart = window
      // Its instance runs in one of Electron's utility processes.
      await window.getByTestId('instance apart/1').waitFor()
      await window.locator('[data-testid="instance apart/1"][data-state="running"]').waitFor()
    })

    it('shows hostile names, logs and payloads in every panel as nothing but text', async () => {
      const found: string[] = []
      apart.on('pageerror', (error) => found.push(`threw ${error.message}`))
      apart.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) found.push(`complained: ${message.text()}`)
      })
      apart.on('dialog', (dialog) => found.push(`asked ${dialog.message()}`))
      const look = async (where: string) => {
        const faults = await apart.evaluate(() => {
          // Characters that hide or turn text around, where a person reads them or a screen reader does.
          const unseen = new RegExp(String.raw`[\u202A-\u202E\u2066-\u2069\u200B\u0007\u001B]`, 'u')
          const read = [...document.querySelectorAll('body *')].flatMap((element) => [
            ...[...element.childNodes]
              .filter(({ nodeType }) => nodeType === 3)
              .map(({ textContent }) => textContent ?? ''),
            element.getAttribute('title') ?? '',
            element.getAttribute('aria-label') ?? '',
          ])
          return [
            ...(document.querySelector('[src="x"], [onerror], body b') ? ['made an element of a name'] : []),
            ...(Reflect.has(window, 'hacked') ? ['ran a script'] : []),
            ...(Reflect.has(Object.prototype, 'polluted') ? ['changed the prototype of objects'] : []),
            ...read.filter((text) => unseen.test(text)).map((text) => `shows ${JSON.stringify(text.slice(0, 60))}`),
            ...read.filter((text) => text.length > 200_000).map(({ length }) => `shows ${length} characters`),
          ]
        })
        found.push(...faults.map((fault) => `${where} ${fault}`))
      }
      const rail = await apart
        .locator('[data-rail]')
        .evaluateAll((all) => all.map((each) => each.dataset['rail'] ?? ''))
      expect(rail).toHaveLength(12)
      for (const panel of rail) {
        await apart.locator(`[data-rail="${panel}"]`).click()
        await apart.locator(`[data-panel="${panel}"] > *`).first().waitFor()
        if (panel === 'log') await apart.getByTestId('log').locator('[data-level]').nth(3).waitFor()
        await look(panel)
      }
      // Everything about the node that logs all of it, and one of the messages that came to it.
      await apart.keyboard.press('Control+k')
      await apart.getByTestId('palette').getByRole('textbox').fill('fdp')
      await look('the palette')
      await apart.keyboard.press('Enter')
      await apart.getByTestId('palette').waitFor({ state: 'detached' })
      await apart.getByTestId('inspector').getByText('Debug').first().waitFor()
      await look('the details')
      await apart.keyboard.press('t')
      await apart.getByTestId('waterfall').locator('[data-hop]').first().waitFor()
      await apart.getByTestId('waterfall').press('Home')
      await apart.getByTestId('hop').waitFor()
      await look('a trace')
      await apart.locator('[data-rail="messages"]').click()
      const kinds = ['object', 'string']
      for (const kind of kinds)
        await apart.getByTestId('messages').getByRole('button').filter({ hasText: kind }).first().waitFor()
      await apart.getByTestId('messages-pause').click()
      for (const kind of kinds) {
        await apart.getByTestId('messages').getByRole('button').filter({ hasText: kind }).first().click()
        await apart.getByTestId('message').waitFor()
        await look(`a message of kind ${kind}`)
      }
      // The graph inside a node is edited in place: in its own file, with its own undo, up to what runs.
      await apart.locator('[data-rail="canvas"]').click()
      await apart.getByTestId('edit-mode').click()
      await apart.getByTestId('node apart/1 within').dblclick()
      await apart.getByTestId('uses').getByText('within.graph.json · used once').waitFor()
      const quickAdd = apart.getByTestId('quick-add').getByRole('textbox')
      await expect
        .poll(async () => {
          // The canvas takes keys once the graph inside is drawn.
          if ((await quickAdd.count()) === 0) await apart.getByTestId('topology').press('n')
          return await quickAdd.count()
        })
        .toBe(1)
      await quickAdd.fill('debug')
      await apart.keyboard.press('Enter')
      await apart.getByTestId('node apart/1 › within debug').getByText('new').waitFor()
      await apart.getByTestId('to-apply').click()
      await expect
        .poll(() => apart.getByTestId('change-list').textContent())
        .toMatch(/^within\.graph\.json to apply to what runs\s*\+added\s*node "debug"/u)
      await look('the graph inside a node')
      await apart.keyboard.press('Escape')
      await apart.getByTestId('apply').click()
      await apart.getByTestId('instance apart/1').getByText('within/debug').waitFor()
      await apart.getByTestId('undo').click()
      await apart.getByTestId('apply').click()
      await apart.getByTestId('instance apart/1').getByText('within/debug').waitFor({ state: 'detached' })
      await apart.getByTestId('breadcrumbs').getByRole('button').first().click()
      await apart.getByTestId('node apart/1 within').waitFor()
      await apart.keyboard.press('Control+Shift+h')
      await apart.getByTestId('home').locator('[data-sample]').first().waitFor()
      await look('Home')
      expect(found).toEqual([])
    })

    it('says that a page has crashed, and loads it again, while the lab runs on', async () => {
      const inApart = (script: string) =>
        app.evaluate(async ({ BrowserWindow }, code) => {
          const isApart = (window: Electron.BrowserWindow) => window.getTitle().startsWith('apart')
          const window = BrowserWindow.getAllWindows().find(isApart)
          if (code === 'crash') return void window?.webContents.forcefullyCrashRenderer()
          if (code === 'close') return window?.close()
          return await window?.webContents.executeJavaScript(code)
        }, script)
      await app.evaluate(({ dialog }) => {
        Reflect.set(globalThis, 'asked', [])
        dialog.showMessageBox = (...given: unknown[]) => {
          Reflect.get(globalThis, 'asked').push(given.at(-1))
          return Promise.resolve({ response: 0, checkboxChecked: false })
        }
      })
      await inApart('crash')
      await expect
        .poll(() => app.evaluate(() => Reflect.get(globalThis, 'asked')))
        .toMatchObject([
          { message: 'The page of this window has ended unexpectedly', buttons: ['Load it again', 'Close the window'] },
        ])
      await expect.poll(() => inApart('document.body.textContent')).toContain('all 2 running')
      await expect
        .poll(async () => {
          // Its title, by which it is found, may come a moment after what is on the page.
          await inApart('close')
          return await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)
        })
        .toBe(1)
    })

    it('starts its lab by its menu', async () => {
      await act('lab.startAll')
      await page.getByText('all 3 running').waitFor()
    })

    it('drains and leaves with 0 when it is quit', async () => {
      const left = new Promise((resolve) => app.process().on('exit', resolve))
      await app.close()
      expect(await left).toBe(0)
    })

    it('does not outlive a command line that was killed', async () => {
      const base = await freePortBase([1, 2, 3, 80])
      const run = new MillraceProcess(['open', tutorial, '--port-base', String(base)], {
        env: { ...env, DISPLAY: display },
      })
      await answered(`http://127.0.0.1:${base + 80}/health`, run)
      await run.interrupt('SIGKILL')
      await silent(`http://127.0.0.1:${base + 80}/health`)
    })

    it('is opened by the command line, which ends with it', async () => {
      const base = await freePortBase([1, 2, 3, 80])
      const run = new MillraceProcess(['open', tutorial, '--port-base', String(base)], {
        env: { ...env, DISPLAY: display, XDG_CONFIG_HOME: path.join(folder, 'another') },
      })
      await answered(`http://127.0.0.1:${base + 80}/health`, run)
      expect(await run.interrupt()).toBe(0)
      // Falling back to the browser would have printed a URL.
      expect(run.stdout).toEqual([])
    })
  },
)

/** Resolves once something answers at this address; rejects with what the run said when it ends before. */
async function answered(url: string, run: MillraceProcess): Promise<void> {
  const end = run.exited.then(() => 'ended' as const)
  for (;;) {
    try {
      if ((await fetch(url)).status < 500) return
    } catch {
      // Nobody listens yet.
    }
    if ((await Promise.race([end, pause()])) === 'ended')
      throw new Error(`millrace ended before it answered: ${[...run.stdout, ...run.stderr].join('\n')}`)
  }
}

/** Resolves once nobody answers at this address any more. */
async function silent(url: string): Promise<void> {
  for (;;) {
    try {
      await fetch(url)
    } catch {
      return
    }
    await pause()
  }
}

/** Leaves the processor to what is waited for. */
async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50))
}
