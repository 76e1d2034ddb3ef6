import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

/** Tests that put something of their own in the place of a module. */
const replacing = ['test/cli/headless-run.test.ts']

export default defineConfig({
  plugins: [vue()],
  test: {
    // These only end what hangs: all of it takes ten times as long on a machine that has other things to do.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    maxWorkers: 2,
    setupFiles: ['test/setup/seed.ts'],
    projects: [
      // Loading the sources anew for each file took a fifth of the time; what a file replaces of them it must have for itself.
      {
        extends: true,
        test: {
          name: 'source',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', ...replacing],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'alone', include: replacing } },
      // The fault kit at full length: `npm run test:fault`, which names it; the same files run in short with the others.
      ...(process.env['MILLRACE_FAULT'] === 'long'
        ? [
            {
              extends: true as const,
              test: {
                name: 'fault',
                include: ['test/fault/**/*.test.ts'],
                testTimeout: 1_800_000,
                fileParallelism: false,
              },
            },
          ]
        : []),
      // These run what was built: threads, processes, doors, windows.
      {
        extends: true,
        test: {
          name: 'built',
          include: ['test/e2e/**/*.test.ts'],
          isolate: false,
          globalSetup: 'test/setup/build.ts',
          // A browser and an Electron take longer than all else; each step of such a test has a limit of its own.
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
})
