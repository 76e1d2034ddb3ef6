import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'
import { chmodSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Plugin } from 'vite'

const entry = (path: string) => resolve(import.meta.dirname, 'src', path)

// What electron-vite would pick is the newest Electron's Node; the same files also run on Node 20 and in older Electrons.
const nodeTarget = 'node20.18'

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
      rolldownOptions: {
        input: {
          index: entry('main/index.ts'),
          cli: entry('cli/index.ts'),
          library: entry('index.ts'),
          'instance-worker': entry('lab/instance-worker.ts'),
          'bench-sample': entry('lab/bench/sample-process.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
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
        treeshake: { moduleSideEffects: (id) => !/[\\/]node_modules[\\/]fbp[\\/]|[\\/]src[\\/]graph[\\/]/.test(id) },
      },
    },
    plugins: [vue()],
  },
})
