import { contextBridge, ipcRenderer } from 'electron'

// All that the page can see of Electron. It is a single file: a sandboxed preload script cannot load others.
contextBridge.exposeInMainWorld('millrace', { door: 'desktop' })

// The page and this script share no objects, but a message to the window may carry a port across.
ipcRenderer.on('millrace-contract', (event) => {
  const [port] = event.ports
  if (port) window.postMessage({ type: 'millrace-contract' }, window.location.origin, [port])
})
