import { contextBridge, ipcRenderer, webUtils } from 'electron'

// All that the page can see of Electron. It is a single file: a sandboxed preload script cannot load others.
contextBridge.exposeInMainWorld('millrace', {
  door: 'desktop',
  platform: process.platform,
  /** Where a file lies that a person has dropped; of anything else nothing. */
  pathOf: (file: File) => webUtils.getPathForFile(file),
})

// The page and this script share no objects, but a message to the window may carry a port across.
ipcRenderer.on('millrace-contract', (event) => {
  const [port] = event.ports
  if (port) window.postMessage({ type: 'millrace-contract' }, window.location.origin, [port])
})
ipcRenderer.on('millrace-request', (_event, request: unknown) => {
  window.postMessage({ type: 'millrace-request', request }, window.location.origin)
})
