import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** What is bundled into the window stands under devDependencies, beside tools that are not shipped. */
const bundled = [
  '@lucide/vue',
  '@tanstack/vue-virtual',
  '@vitejs/plugin-vue',
  '@vue-flow/background',
  '@vue-flow/core',
  '@vue-flow/minimap',
  '@vueuse/core',
  'dockview-vue',
  'echarts',
  'fuse.js',
  'ml-logistic-regression',
  'pinia',
  'reka-ui',
  'tinykeys',
  'vue',
  'vue-echarts',
]

/** The names, versions and licence texts of everything that is shipped, dependencies of dependencies included. */
export function noticesOf(root) {
  const own = readJson(path.join(root, 'package.json'))
  const shipped = new Map()
  const visit = (name, from) => {
    const folder = find(name, from)
    if (folder === undefined || shipped.has(folder)) return
    const { dependencies = {}, version, license } = readJson(path.join(folder, 'package.json'))
    shipped.set(folder, { name, version, license: licenceName(license), text: licenceText(folder) })
    for (const next of Object.keys(dependencies)) visit(next, folder)
  }
  const optional = Object.keys(own.optionalDependencies ?? {})
  for (const name of [
    ...Object.keys(own.dependencies),
    ...optional,
    ...bundled.filter((each) => own.devDependencies[each]),
  ])
    visit(name, root)
  const all = [...shipped.values()].sort((one, other) => one.name.localeCompare(other.name))
  const list = all.map(({ name, version, license }) => `${name} ${version} (${license})`).join('\n')
  const texts = all
    .map(({ name, version, license, text }) => `${'='.repeat(80)}\n${name} ${version} — ${license}\n\n${text}`)
    .join('\n\n')
  return {
    count: all.length,
    unlicensed: all.filter(({ license }) => license === 'unknown').map(({ name }) => name),
    text: `Millrace contains the following software of others. elkjs is used unmodified under the EPL-2.0; its source: https://github.com/kieler/elkjs\n\n${list}\n\n${texts}\n`,
  }
}

function find(name, from) {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'node_modules', name)
    if (existsSync(path.join(candidate, 'package.json'))) return candidate
    if (folder === path.dirname(folder)) return undefined
  }
}

function licenceName(license) {
  if (typeof license === 'string') return license
  return license?.type ?? 'unknown'
}

function licenceText(folder) {
  const file = readdirSync(folder).find((name) => /^(?:licen[cs]e|copying)(?:[.-].*)?$/iu.test(name))
  return file === undefined
    ? 'Its package brings no licence text along.'
    : readFileSync(path.join(folder, file), 'utf8').trim()
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'))
}
