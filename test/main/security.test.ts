import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

/** All that is written of a part of the program. */
function sourcesOf(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:ts|vue)$/u.test(name))
    .map((name) => readFileSync(path.join(folder, name), 'utf8'))
    .join('\n')
    .replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gmu, '')
}

describe('the desktop', () => {
  it('turns none of Electron’s protections off, and calls nothing that leads out', () => {
    const main = sourcesOf('src/main')
    const forbidden = [
      'webSecurity',
      'allowRunningInsecureContent',
      'experimentalFeatures',
      'enableBlinkFeatures',
      'nodeIntegrationInWorker',
      'nodeIntegrationInSubFrames',
      'openExternal',
      'ipcMain',
      'enableSandbox(',
      'executeJavaScript',
      'file://',
      'setCertificateVerifyProc',
      'certificate-error',
    ]
    expect(forbidden.filter((word) => main.includes(word))).toEqual([])
  })

  it('makes its windows and its menu in one place each', () => {
    expect(sourcesOf('src/main').match(/new BrowserWindow\(/gu)).toHaveLength(1)
    expect(sourcesOf('src/preload').match(/exposeInMainWorld\(/gu)).toHaveLength(1)
  })

  it('shows a page that makes no elements and no code of text', () => {
    const page = sourcesOf('src/renderer')
    const forbidden = [
      'v-html',
      'innerHTML',
      'outerHTML',
      'insertAdjacentHTML',
      'new Function(',
      'eval(',
      'document.write',
    ]
    expect(forbidden.filter((word) => page.includes(word))).toEqual([])
  })
})
