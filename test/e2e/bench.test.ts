import { describe, expect, it } from 'vitest'
import { millrace, MillraceProcess } from './fixtures/millrace-process.ts'

describe('millrace bench', () => {
  it('prints a line of JSON for each bench', async () => {
    const { code, json, stderr } = await millrace(['bench', 'spawn', '--runs', '1', '--json'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: [] })
    expect(json()).toEqual([
      {
        name: 'spawn',
        floor: expect.any(Number),
        ratio: expect.any(Number),
        bytesPerNode: expect.any(Number),
        startMs: expect.any(Number),
        runs: 1,
        node: process.version,
      },
    ])
  })

  it('ends at once when it is interrupted, and its sample with it', async () => {
    const run = new MillraceProcess(['bench', 'chain'])
    await run.line(/^bench +millrace +floor +ratio/)
    expect(await run.interrupt('SIGINT')).toBe(130)
    expect(run.stdout).toHaveLength(1)
    expect(run.stderr).toEqual([])
  })
})
