import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [vue()],
  test: {
    testTimeout: 20_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: 'source', include: ['test/**/*.test.ts'], exclude: ['test/e2e/**'] } },
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
          globalSetup: 'test/setup/build.ts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
