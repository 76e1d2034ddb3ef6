import { describe } from 'vitest'
import { createMemoryNetwork } from '../../src/peer/index.ts'
import { engineContract } from './engine.ts'

describe('the engine over a network in memory', () => {
  engineContract(() => createMemoryNetwork().transport)
})
