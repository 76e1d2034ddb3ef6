import { readdirSync, realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { composeWorkspace, readGraph, type Composition, type WorkspaceFile } from '../graph/index.ts'
import { isMillraceError, MillraceError, type GraphExport } from '../shared/index.ts'
import type { FileFinding } from './file-check.ts'
import { openInnerGraphs } from './graph-files.ts'
import { readTextFile } from './text-file.ts'

/** Folders that hold no graphs of the user's own. */
const passedOver = new Set(['node_modules', 'out', 'dist', 'build', 'target'])
/** As Reflow's discovery has it. */
const deepest = 10

/**
 * Finds the graph files in and below a folder, sorted, as paths below it with `/`. Hidden folders, `node_modules` and build
 * output are passed over, links to folders are not followed.
 */
export function discoverGraphs(folder: string): string[] {
  const found: string[] = []
  const open = [{ at: '', depth: 0 }]
  for (const { at, depth } of open) {
    for (const entry of readdirSync(path.join(folder, at), { withFileTypes: true })) {
      const below = at === '' ? entry.name : `${at}/${entry.name}`
      if (entry.isFile() && entry.name.endsWith('.graph.json')) found.push(below)
      const isPassedOver = entry.name.startsWith('.') || passedOver.has(entry.name)
      if (entry.isDirectory() && !isPassedOver && depth < deepest) open.push({ at: below, depth: depth + 1 })
    }
  }
  return found.sort()
}

/** What composing files came to; without a graph when one of them cannot be read. */
export interface ComposedFiles {
  composition: Composition | undefined
  findings: FileFinding[]
  /** Paths below `folder`. */
  files: string[]
}

/**
 * Composes the graphs of a workspace: all below a folder, or those that are listed. Graphs inside them are laid open.
 * @throws MillraceError `FILE_NOT_FOUND` when there is no graph to compose.
 */
export function composeFiles(paths: readonly string[], options: { name: string; except?: string }): ComposedFiles {
  const { folder, files, isListed } = workspaceAt(paths, options.except)
  if (files.length === 0)
    throw new MillraceError('FILE_NOT_FOUND', `${folder}: there is no *.graph.json in it, nor below it`)
  const shown = (file: string) => path.join(folder, file)
  const read = files.map((file) => ({ file, ...readMember(shown(file)) }))
  const broken = read.flatMap(({ findings }) => findings)
  if (broken.length > 0) return { composition: undefined, findings: broken, files }
  // What another graph has inside it is a part of that one, not a graph beside it.
  const parts = new Set(isListed ? [] : read.flatMap(({ inside }) => inside))
  const members = read.filter(({ file }) => !parts.has(realpathSync(shown(file))))
  const graphs: WorkspaceFile[] = members.flatMap(({ file, graph }) => (graph ? [{ file, graph }] : []))
  const texts = new Map(members.map(({ file, text }) => [file, text]))
  const composition = composeWorkspace(graphs, { name: options.name, texts })
  const told = composition.findings.map((finding) => ({ ...finding, file: shown(finding.file) }))
  return { composition, findings: told, files: graphs.map(({ file }) => file) }
}

interface ReadMember {
  text: string
  /** With the graphs inside laid open. */
  graph?: GraphExport
  /** The real paths of the graphs inside. */
  inside: string[]
  findings: FileFinding[]
}

function readMember(file: string): ReadMember {
  const text = readTextFile(file)
  const reading = readGraph(text)
  if (reading.type === 'refused')
    return { text, inside: [], findings: reading.findings.map((finding) => ({ ...finding, file })) }
  try {
    const { graph, files } = openInnerGraphs(reading.value, file)
    const own = realpathSync(file)
    return { text, graph, inside: files.filter((inner) => inner !== own), findings: [] }
  } catch (error) {
    if (!isMillraceError(error)) throw error
    const { code, message } = error
    return { text, inside: [], findings: [{ file, code, severity: 'error', message, pointer: '/processes' }] }
  }
}

function workspaceAt(
  paths: readonly string[],
  except: string | undefined,
): { folder: string; files: string[]; isListed: boolean } {
  const [only] = paths
  const isFolder = only !== undefined && paths.length === 1 && statSync(only, { throwIfNoEntry: false })?.isDirectory()
  const isOther = (file: string) => except === undefined || path.resolve(file) !== path.resolve(except)
  if (isFolder)
    return {
      folder: only,
      files: readable(() => discoverGraphs(only)).filter((file) => isOther(path.join(only, file))),
      isListed: false,
    }
  const folder = commonFolder(paths)
  return {
    folder,
    files: paths.filter(isOther).map((file) => path.relative(folder, file).split(path.sep).join('/')),
    isListed: true,
  }
}

function commonFolder(files: readonly string[]): string {
  const [first = [], ...others] = files.map((file) => path.resolve(path.dirname(file)).split(path.sep))
  const length = others.reduce((same, parts) => {
    let at = 0
    while (at < same && parts[at] === first[at]) at++
    return at
  }, first.length)
  return path.relative(process.cwd(), first.slice(0, length).join(path.sep) || path.sep) || '.'
}

function readable<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (isMillraceError(error)) throw error
    const { path: where, code } = error as NodeJS.ErrnoException
    throw new MillraceError(
      'FILE_NOT_FOUND',
      `${where ?? 'the folder'}: it cannot be read (${code ?? String(error)})`,
      { cause: error },
    )
  }
}
