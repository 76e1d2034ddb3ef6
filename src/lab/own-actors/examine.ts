import { fileKind, readLab } from '../../graph/index.ts'
import { describeError, isMillraceError } from '../../shared/index.ts'
import { realFolder } from '../lab-source.ts'
import { readTextFile } from '../text-file.ts'
import { bundleActors } from './bundle.ts'
import { describeInSandbox } from './describe.ts'
import type { OwnActorKnowledge } from './module.ts'
import { libraryBeside } from './own-actors.ts'

/** Finds out which actors a lab brings along, in a sandbox: its folder need not be trusted. `undefined` when it brings none. */
export async function examineOwnActors(file: string, workerFile: string): Promise<OwnActorKnowledge | undefined> {
  try {
    const text = readTextFile(file)
    const reading = fileKind(text, file) === 'lab' ? readLab(text) : undefined
    if (reading?.type !== 'read' || reading.value.actors === undefined) return undefined
    return await examineFolder(realFolder(file, reading.value.actors), workerFile)
  } catch (error) {
    if (!isMillraceError(error)) throw error
    // What is wrong with the file itself is for the check to say.
    return error.code === 'ACTOR_MODULE_INVALID' ? { actors: [], errors: [describeError(error)] } : undefined
  }
}

async function examineFolder(folder: string, workerFile: string): Promise<OwnActorKnowledge> {
  const bundlings = await bundleActors(folder).catch((error: unknown) => [{ file: '', error: describeError(error) }])
  const modules = bundlings.flatMap((bundling) => ('code' in bundling ? [bundling] : []))
  const described = await describeInSandbox(workerFile, { folder, libraryFile: libraryBeside(workerFile), modules })
  return {
    actors: described.flatMap(({ actors }) => actors),
    errors: [...bundlings, ...described].flatMap((each) =>
      'error' in each && each.error !== undefined ? [each.error] : [],
    ),
  }
}
