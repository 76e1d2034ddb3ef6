#!/usr/bin/env node
import { createConsole } from './console.ts'
import { installationAt } from './installation.ts'
import { runCommandLine } from './command-line.ts'

// The built file is out/main/cli.js. Only this module may ask where it lies: the bundler moves the others.
const terminal = createConsole(process)
const code = await runCommandLine(process.argv.slice(2), terminal, installationAt(import.meta.dirname))
await terminal.flush()
process.exit(code)
