import manifest from '../../package.json' with { type: 'json' }

/** The version of this Millrace. */
export const version: string = manifest.version
