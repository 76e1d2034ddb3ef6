import { source, through, type Counterparts } from './counterpart.ts'
import { text } from './flow.ts'

/** What works with files and programs: file, file in, watch, tail, exec. */
export const filesAndPrograms: Counterparts = {
  file: ({ fields }) => {
    const { filename, filenameType, overwriteFile, appendNewline } = fields
    if (!isPath(filename, filenameType)) return 'its file is named by messages'
    if (overwriteFile === 'delete') return 'it deletes a file'
    const mode = overwriteFile === 'true' || overwriteFile === true ? 'replace' : 'append'
    const config = { file: filename, mode, newline: appendNewline !== false }
    return { ...through('FileWrite', config, 'it passes on {file, bytes}, not the message'), outports: ['Done'] }
  },
  'file in': ({ fields }) => {
    const { filename, filenameType, format } = fields
    if (!isPath(filename, filenameType)) return 'its file is named by messages'
    const as = { utf8: 'text', lines: 'lines', stream: 'chunks' }[text(format)] ?? 'bytes'
    return { ...through('FileRead', { file: filename, as }), inport: 'Trigger' }
  },
  watch: ({ fields }) => {
    const files = text(fields['files']).split(',').filter(Boolean)
    const [path] = files
    if (path === undefined || files.length > 1) return 'it watches several files'
    const config = { path, ...(fields['recursive'] === true && { depth: 50 }) }
    return source('FileWatch', config, 'it says {event, path, bytes}')
  },
  tail: ({ fields }) => {
    if (!isPath(fields['filename'], undefined)) return 'its file is named by messages'
    return source('FileTail', { file: fields['filename'] }, 'it gives line by line')
  },
  exec: ({ fields }) => {
    const { command, addpay, append, timer } = fields
    if (addpay !== false && addpay !== '' && addpay !== undefined) return 'it adds the payload to the command'
    const line = `${text(command)} ${text(append)}`.trim()
    // Node-RED hands the line to a shell; here none reads it.
    if (line === '' || /[|&;<>()$`\\"'*?[\]#~%{}\n]/.test(line)) return 'its command is for a shell'
    const [program, ...args] = line.split(/\s+/)
    const timeoutMs = Number(timer) > 0 ? Math.round(Number(timer) * 1_000) : undefined
    const config = { command: program, args, input: 'none', ...(timeoutMs !== undefined && { timeoutMs }) }
    return through('Exec', config, 'all comes out at once as {code, stdout, stderr}; it runs with --allow-exec only')
  },
}

function isPath(name: unknown, type: unknown): name is string {
  return typeof name === 'string' && name !== '' && (type === undefined || type === 'str')
}
