import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

interface Notices {
  count: number
  unlicensed: string[]
  text: string
}
/** Calls what a module of the packaging exports; they are plain JavaScript. */
async function call(module: string, name: string, input?: unknown): Promise<unknown> {
  const exported: Record<string, (input?: unknown) => unknown> = await import(
    path.resolve('resources/packaging', module)
  )
  return exported[name]?.(input)
}

describe('what is packaged', () => {
  it('brings the licences of all that is shipped, and is under terms that let it be shipped', async () => {
    const notices = await call('notices.mjs', 'noticesOf', path.resolve('.'))
    const { text, unlicensed, count } = notices as Notices
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      dependencies: Record<string, string>
    }
    const listed = text.slice(0, text.indexOf('='.repeat(80)))
    for (const name of [...Object.keys(dependencies), 'vue', 'echarts', 'dockview-core'])
      expect(listed).toContain(`\n${name} `)
    expect(listed).toContain('elkjs 0.12.1 (EPL-2.0')
    expect(unlicensed).toEqual([])
    expect(listed.trim().split('\n').length).toBeGreaterThanOrEqual(count)
    expect(listed).not.toMatch(/\((?:A?GPL|SSPL|BUSL)[^ ]*\)/u)
  })

  it('has Electron’s fuses set so that the program runs nothing but itself', async () => {
    expect(await call('electron-builder.mjs', 'packagingOf')).toMatchObject({
      asar: true,
      publish: null,
      electronFuses: {
        runAsNode: false,
        enableCookieEncryption: true,
        enableNodeOptionsEnvironmentVariable: false,
        enableNodeCliInspectArguments: false,
        enableEmbeddedAsarIntegrityValidation: true,
        onlyLoadAppFromAsar: true,
        grantFileProtocolExtraPrivileges: false,
      },
    })
  })
})
