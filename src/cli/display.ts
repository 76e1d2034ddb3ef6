import type { Environment } from '../graph/index.ts'

/** Whether windows can be shown here: on Linux that takes an X or Wayland server. */
export function hasDisplay(platform: NodeJS.Platform, env: Environment): boolean {
  if (platform === 'darwin' || platform === 'win32') return true
  return Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY'])
}
