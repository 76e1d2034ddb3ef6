import * as v from 'valibot'

/** What a config field lets an actor do to the world. */
export type Access = 'read' | 'write' | 'watch'

/**
 * A file or folder in an actor's config, relative to the folder of the lab; the lab resolves it, so the actor gets an absolute path.
 * The trust request tells a person what is done with it.
 */
export function filePath({ access = 'read' }: { access?: Access } = {}) {
  return v.pipe(v.string(), v.nonEmpty(), v.metadata({ format: 'path', 'x-access': access }))
}

/** An address that an actor connects to, such as `https://example.org/x`; the trust request names it. */
export function remoteUrl(...protocols: readonly string[]) {
  const isOne = (text: string) => URL.canParse(text) && protocols.includes(new URL(text).protocol)
  const expected = protocols.map((protocol) => `${protocol}//`).join(' or ')
  return v.pipe(
    v.string(),
    v.check(isOne, `expected an address that begins with ${expected}`),
    v.metadata({ format: 'uri' }),
  )
}

/** A program that an actor runs; the trust request names it, and it takes `--allow-exec`. */
export function program() {
  return v.pipe(v.string(), v.nonEmpty(), v.metadata({ format: 'command' }))
}
