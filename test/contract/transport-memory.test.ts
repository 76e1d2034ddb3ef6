import { describe } from 'vitest'
import { createMemoryNetwork } from '../../src/peer/index.ts'
import { transportContract } from './transport.ts'

describe('the transport in memory', () => {
  transportContract(() => createMemoryNetwork().transport)
})
