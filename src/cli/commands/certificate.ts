import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Command } from 'commander'
import { makeOwnCertificate } from '../../lab/index.ts'
import { MillraceError } from '../../shared/index.ts'
import type { CommandContext } from '../command-context.ts'

/** `millrace certificate`: makes a certificate that peers trust by its fingerprint. */
export function addCertificate(root: Command, { console }: CommandContext): void {
  root
    .command('certificate')
    .summary('make a certificate for links over TLS')
    .description('Makes a key and a certificate signed by itself, and prints the fingerprint by which peers trust it.')
    .argument('[host...]', 'names and addresses of this machine, such as 192.168.1.20')
    .option('--out <folder>', 'where to put millrace-cert.pem and millrace-key.pem', '.')
    .addHelpText(
      'after',
      `
The key stays on this machine. Name both files in the lab file, beside it:
  "tls": { "cert": "millrace-cert.pem", "key": "millrace-key.pem" }
and give peers the fingerprint: "fingerprint": "AB:CD:..."

Example:
  millrace certificate 192.168.1.20 --out my-lab`,
    )
    .action(async (hosts: string[], { out }: { out: string }) => {
      const files = ['millrace-cert.pem', 'millrace-key.pem'].map((name) => path.join(out, name))
      const [certFile = '', keyFile = ''] = files
      for (const file of files)
        if (existsSync(file))
          throw new MillraceError('FILE_INVALID', `${file} is there already; move it away first, peers may rely on it`)
      const { cert, key, fingerprint, validUntil } = await makeOwnCertificate(hosts, new Date())
      write(keyFile, key, 0o600)
      write(certFile, cert, 0o644)
      console.print(`certificate ${certFile}, valid until ${validUntil.toISOString().slice(0, 10)}`)
      console.print(`key         ${keyFile}, for this machine alone`)
      console.print(`fingerprint ${fingerprint}`)
    })
}

function write(file: string, text: string, mode: number): void {
  try {
    writeFileSync(file, text, { mode, flag: 'wx' })
  } catch (cause) {
    throw new MillraceError('FILE_NOT_FOUND', `cannot write ${file}; give a folder that is there and can be written`, {
      cause,
    })
  }
}
