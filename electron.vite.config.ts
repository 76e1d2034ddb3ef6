import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'
import { chmodSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Plugin } from 'vite'

const entry = (path: string) => resolve(import.meta.dirname, 'src', path)

// What electron-vite would pick is the newest Electron's Node; the same files also run on Node 20 and in older Electrons.
const nodeTarget = 'node20.18'

// What every start reads goes into the built files: to find and open its 150 files one by one took half of the time of a start. The rest
// is read only when it is used, brings native parts or files of its own along, or is shared with the user's code (`@opentelemetry/api`).
const bundled = [
  '@orpc/client',
  '@orpc/contract',
  '@orpc/server',
  '@valibot/to-json-schema',
  'bonjour-service',
  'chokidar',
  'commander',
  'croner',
  'csv-parse',
  'csv-stringify',
  'env-paths',
  'fbp',
  'jsonata',
  'jsonc-parser',
  'msgpackr',
  'mustache',
  'path-to-regexp',
  're2js',
  'semver',
  'valibot',
  'write-file-atomic',
  'ws',
]

/** `npx millrace` runs the built file itself, so every build has to leave it executable. */
function executableCommandLine(): Plugin {
  return {
    name: 'executable-command-line',
    writeBundle({ dir }) {
      if (dir !== undefined) chmodSync(resolve(dir, 'cli.js'), 0o755)
    },
  }
}

/** Builds the doors (Electron's main process, command line, library), the instance worker, the preload script and the window. */
export default defineConfig({
  main: {
    plugins: [executableCommandLine()],
    build: {
      target: nodeTarget,
      sourcemap: true,
      externalizeDeps: { exclude: bundled },
      rolldownOptions: {
        external: ['bufferutil', 'utf-8-validate', 'msgpackr-extract', 'tv4'],
        input: {
          index: entry('main/index.ts'),
          cli: entry('cli/index.ts'),
          library: entry('index.ts'),
          'instance-worker': entry('lab/instance-worker.ts'),
          'bench-sample': entry('lab/bench/sample-process.ts'),
        },
        // Who takes one thing through the door of the lab does not read all that lies behind it.
        treeshake: { moduleSideEffects: (id) => !/[\\/]src[\\/](?:lab[\\/]index|shared[\\/].*)\.ts$/.test(id) },
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: 'chunks/[name]-[hash].js',
          // The desktop's entry opens its window before anything else is read: what it shares with the rest stands apart.
          codeSplitting: {
            groups: [
              { name: 'schemas', test: /[\\/]node_modules[\\/]valibot[\\/]/, priority: 3 },
              { name: 'error', test: /[\\/]src[\\/]shared[\\/]error\.ts$/, priority: 2 },
              { name: 'shared', test: /[\\/]src[\\/]shared[\\/]/, priority: 1 },
            ],
          },
        },
      },
    },
  },
  preload: {
    build: {
      target: nodeTarget,
      // A sandboxed preload script is one CommonJS file: it cannot load others.
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: entry('preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: entry('renderer'),
    build: {
      target: 'chrome130',
      minify: true,
      chunkSizeWarningLimit: 700,
      rolldownOptions: {
        input: entry('renderer/index.html'),
        // The window edits graphs but converts none: the parser of .fbp files, and what that asks for, stays out.
        external: ['tv4'],
        output: {
          codeSplitting: {
            // What two panels share would else be dozens of small files, each with a round of its own at the start.
            groups: [
              {
                name: 'parts',
                minShareCount: 2,
                test: (id) => !/[\\/](?:echarts|zrender|vue-echarts|@codemirror|@lezer|elkjs)[\\/]/.test(id),
              },
            ],
          },
        },
        treeshake: { moduleSideEffects: (id) => !/[\\/]node_modules[\\/]fbp[\\/]|[\\/]src[\\/]graph[\\/]/.test(id) },
      },
    },
    plugins: [vue()],
  },
})
