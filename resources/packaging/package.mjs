// Makes the packages of this platform: npm run package [-- linux|win|mac] [--dir]
// Says at the end what was made, and what could not be made here and why.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Arch, build, Platform } from 'electron-builder'
import { packagingOf } from './electron-builder.mjs'
import { noticesOf } from './notices.mjs'

const root = path.resolve(import.meta.dirname, '../..')
const here = { linux: 'linux', win32: 'win', darwin: 'mac' }[process.platform] ?? 'linux'
const asked = process.argv.slice(2)
const platform = asked.find((word) => !word.startsWith('-')) ?? here
const targets = { linux: ['dir', 'AppImage', 'deb'], win: ['dir', 'nsis'], mac: ['dir', 'dmg'] }[platform]
if (!targets || asked.some((word) => word.startsWith('-') && !['--dir', '--no-build'].includes(word))) {
  console.error('usage: npm run package [-- linux|win|mac] [--dir] [--no-build]')
  process.exit(asked.includes('--help') ? 0 : 2)
}
const wanted = asked.includes('--dir') ? ['dir'] : targets
const present = presentElectron()

if (!asked.includes('--no-build')) console.log('package: building')
if (!asked.includes('--no-build'))
  execFileSync('npm', ['run', 'build'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
const notices = noticesOf(root)
mkdirSync(path.join(root, 'out'), { recursive: true })
writeFileSync(path.join(root, 'out/THIRD-PARTY-NOTICES.txt'), notices.text)
console.log(`package: notices of ${notices.count} packages`)
if (notices.unlicensed.length > 0) console.log(`package: without a licence: ${notices.unlicensed.join(', ')}`)

const config = packagingOf(present)
const outcomes = []
for (const target of wanted) outcomes.push(await make(target))
console.log('')
for (const { target, made, why } of outcomes)
  console.log(
    made
      ? `made      ${target}: ${made.map((file) => path.relative(root, file)).join(', ')}`
      : `not made  ${target}: ${why}`,
  )
for (const other of ['linux', 'win', 'mac'].filter((name) => name !== platform))
  console.log(`not tried ${other}: ${whyNot(other)}`)
if (config.electronVersion) console.log(`note      with Electron ${config.electronVersion}, which was there already`)
console.log('note      not signed; updates are off')
process.exitCode = outcomes.some(({ made }) => made) ? 0 : 1

async function make(target) {
  const kind = { linux: Platform.LINUX, win: Platform.WINDOWS, mac: Platform.MAC }[platform]
  try {
    const made = await build({
      projectDir: root,
      targets: kind.createTarget(target, Arch[process.arch] ?? Arch.x64),
      config: structuredClone(config),
    })
    return { target, made: target === 'dir' ? [path.join(root, 'out/packages')] : made }
  } catch (error) {
    return { target, why: reasonOf(error) }
  }
}

function reasonOf(error) {
  const text = String(error?.message ?? error).split('\n', 1)[0]
  return /ENOTFOUND|EAI_AGAIN|ECONNREFUSED/.test(text)
    ? `electron-builder fetches the tools for it, which cannot be reached from here (${text})`
    : text
}

function whyNot(other) {
  if (other === 'mac') return 'a dmg is made and signed on macOS'
  return other === 'win'
    ? 'run "npm run package -- win" on Windows, or where wine is'
    : 'run "npm run package -- linux" on Linux'
}

/** An Electron that is there already, so that none has to be fetched: the one of `npx install-electron`, or that of ELECTRON_EXEC_PATH. */
function presentElectron() {
  const dist = path.join(root, 'node_modules/electron/dist')
  if (existsSync(path.join(dist, 'version')))
    return { electronDist: dist, electronVersion: readFileSync(path.join(dist, 'version'), 'utf8').trim() }
  const executable = process.env['ELECTRON_EXEC_PATH']
  if (!executable) return {}
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' }
  const electronVersion = execFileSync(executable, ['-p', 'process.versions.electron'], {
    env,
    encoding: 'utf8',
  }).trim()
  return { electronDist: path.dirname(executable), electronVersion }
}
