import { describe, expect, it } from 'vitest'
import { labMigrations, labVersion, migrateLab, readLab } from '../../src/graph/index.ts'

describe('a lab file of an older version', () => {
  const migrations = {
    1: ({ title, ...lab }: Record<string, unknown>) => ({ ...lab, name: title }),
    2: (lab: Record<string, unknown>) => ({ ...lab, instances: [] }),
  }

  it('is taken to today step by step, and what nobody knows survives', () => {
    expect(migrateLab({ millrace: 1, title: 'A', mine: { x: 1 } }, 3, migrations)).toEqual({
      millrace: 3,
      name: 'A',
      instances: [],
      mine: { x: 1 },
    })
    const now = { millrace: 3, name: 'B' }
    expect(migrateLab(now, 3, migrations)).toBe(now)
  })

  it('is refused with its line when no way leads to today', () => {
    expect(migrateLab({ millrace: 0 }, 3, migrations)).toBeUndefined()
    const reading = readLab('{\n  "millrace": 0,\n  "instances": []\n}')
    expect(reading).toMatchObject({
      type: 'refused',
      findings: [{ code: 'FILE_VERSION', line: 2, message: expect.stringContaining('version 0') as string }],
    })
  })

  it('has a way from every version that there was', () => {
    for (let version = 1; version < labVersion; version++) expect(labMigrations[version]).toBeTypeOf('function')
  })
})
