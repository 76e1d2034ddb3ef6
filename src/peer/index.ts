export * from './engine.ts'
export * from './platform.ts'
export * from './transport.ts'
export * from './endpoint-options.ts'
