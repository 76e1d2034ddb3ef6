/**
 * What electron-builder is to make. `electronDist` and `electronVersion` name an Electron that is there already; without them, the
 * one of package.json is fetched.
 */
export function packagingOf({ electronDist, electronVersion } = {}) {
  return {
    appId: 'dev.millrace.lab',
    productName: 'Millrace',
    copyright: 'The authors of Millrace; MIT licence',
    ...(electronDist && { electronDist, electronVersion }),
    directories: { output: 'out/packages', buildResources: 'resources/packaging' },
    files: [
      'out/main',
      'out/preload',
      'out/renderer',
      'resources/examples',
      'resources/icons',
      'package.json',
      '!**/*.map',
    ],
    extraFiles: [{ from: 'out/THIRD-PARTY-NOTICES.txt', to: 'THIRD-PARTY-NOTICES.txt' }, 'LICENSE'],
    asar: true,
    // Threads, child processes and esbuild read files without Electron's view into the archive.
    asarUnpack: ['out/main', 'resources/examples', 'node_modules'],
    // A deb names a homepage; there is none yet.
    extraMetadata: { homepage: process.env['MILLRACE_HOMEPAGE'] ?? 'https://example.org/millrace' },
    npmRebuild: false,
    // Nothing is published, and nothing looks for updates: both are off until somebody signs and hosts them.
    publish: null,
    icon: 'resources/icons/millrace.png',
    electronFuses: {
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
    },
    protocols: [{ name: 'Millrace link', schemes: ['millrace'] }],
    fileAssociations: [
      { ext: 'millrace', name: 'Millrace lab', description: 'A lab of Millrace', mimeType: 'application/x-millrace' },
    ],
    linux: {
      // Only Linux knows files by more than the last part of their names.
      fileAssociations: [
        {
          ext: 'lab.json',
          name: 'Millrace lab file',
          description: 'A lab of Millrace',
          mimeType: 'application/x-millrace-lab+json',
        },
      ],
      target: ['AppImage', 'deb'],
      category: 'Development',
      maintainer: 'The authors of Millrace',
      synopsis: 'A lab for networks of actors',
    },
    deb: { packageCategory: 'devel' },
    win: { target: ['nsis'] },
    nsis: {
      oneClick: false,
      perMachine: false,
      allowToChangeInstallationDirectory: true,
      deleteAppDataOnUninstall: false,
    },
    mac: { target: ['dmg'], category: 'public.app-category.developer-tools', hardenedRuntime: true },
  }
}
