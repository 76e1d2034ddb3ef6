import { describe } from 'vitest'
import { createWebSocketTransport } from '../../src/peer/index.ts'
import { engineContract } from './engine.ts'

describe('the engine over WebSockets', () => {
  engineContract(createWebSocketTransport)
})
