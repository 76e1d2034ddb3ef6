import { existsSync } from 'node:fs'
import { MillraceError } from '../shared/index.ts'
import { askControl, type ControlRequest } from './lab-control.ts'
import { lockFileOf } from './lab-lock.ts'

/**
 * Asks the process of this user that runs a lab, and answers the key ids that the instance accepts then.
 * Throws `FILE_NOT_FOUND`, `LAB_NOT_RUNNING`, `TIMEOUT`, or what the lab threw.
 */
export async function askRunningLab(
  { file, portBase, stateDir }: { file: string; portBase?: number | undefined; stateDir?: string },
  request: ControlRequest,
): Promise<string[]> {
  if (!existsSync(file))
    throw new MillraceError('FILE_NOT_FOUND', `there is no ${file}; name the lab as it was started`)
  return await askControl(lockFileOf(file, portBase, stateDir), file, request)
}
