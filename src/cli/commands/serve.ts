import type { Command } from 'commander'
import type { CommandContext } from '../command-context.ts'
import { parsePort, portBaseOption } from '../port-arguments.ts'
import { statesOption } from '../states-argument.ts'
import { serveLab, type ServeOptions } from '../served-lab.ts'

/** `millrace serve`: shows a lab in browsers. */
export function addServe(root: Command, context: CommandContext): void {
  root
    .command('serve')
    .summary('show a lab in the browser')
    .description(
      'Serves the window of a lab over HTTP, on this machine alone unless told otherwise. Prints a URL that opens it once.',
    )
    .argument('[file]', 'a lab or graph file; the shipped weather lab when left out')
    .option('--port <N>', 'the port of the window; any free one when left out', parsePort)
    .option('--host <host>', 'the address to listen on (default: 127.0.0.1)')
    .option('--cert <file>', 'certificate (PEM) for HTTPS, with --key')
    .option('--key <file>', 'private key (PEM) for HTTPS, with --cert')
    .option('--insecure', 'allow others to reach the window without HTTPS')
    .addOption(statesOption())
    .addOption(portBaseOption())
    .addHelpText(
      'after',
      `
The URL's token is spent by the first browser that opens it. Press u and Enter, or send SIGUSR2, for a new URL.
A lab from a folder that has not been trusted is shown and starts nothing until it is trusted in the window.

Examples:
  millrace serve
  millrace serve my.lab.json --port 8080
  millrace serve my.lab.json --host 0.0.0.0 --cert lab.pem --key lab.key`,
    )
    .action(async (file: string | undefined, options: Omit<ServeOptions, 'file'>) => {
      context.exit(await serveLab({ file, ...options }, context))
    })
}
