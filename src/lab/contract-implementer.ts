import { implement, ORPCError } from '@orpc/server'
import { contract, describeError, isMillraceError } from '../shared/index.ts'
import type { Lab } from './lab.ts'

/** Implements the contract so that errors meant for a person cross with their code and message; others stay here and only say that something failed. */
export function contractImplementer(lab: Lab) {
  return implement(contract).use(async ({ next, path }) => {
    try {
      return await next()
    } catch (error) {
      if (isMillraceError(error)) throw new ORPCError(error.code, { message: error.message, status: 400, cause: error })
      if (error instanceof ORPCError) throw error
      lab.log('error', `the command ${path.join('.')} failed: ${describeError(error)}`)
      throw error
    }
  })
}
export type ContractImplementer = ReturnType<typeof contractImplementer>

/** Answers nothing once the work is done. */
export async function done(work: Promise<unknown>): Promise<Record<never, never>> {
  await work
  return {}
}
