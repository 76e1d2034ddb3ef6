/**
 * Every code a user of Millrace may meet, with what it means. A code is stable; its message may change.
 * Add a line here before you throw something new.
 */
export const errorCodes = {
  // files
  FILE_NOT_FOUND: 'the file does not exist or cannot be read',
  FILE_INVALID: 'the file does not parse, or is not what it should be',
  KEY_UNKNOWN: 'a file has a key that nothing reads',
  FILE_WRITE: 'the file cannot be written',
  FILE_CHANGED: 'the file was changed on disk by something else',
  MERGE_CONFLICT: 'two versions of a file changed the same thing in different ways',
  FILE_VERSION: 'the file was written by a newer Millrace',
  TOKEN_BARE: 'a token stands in a file in the clear',
  TOKEN_MISSING: 'an environment variable that should hold a token is not set',
  TOKEN_IN_SAFE_STORE: 'a token lies in the safe store of the desktop, which only the desktop can read',
  TOKEN_FALLBACK: 'a token has a fallback that stands in the file for everyone to read',
  NOT_TRUSTED: 'the folder of this lab has not been trusted yet',
  // graphs and networks
  ACTOR_UNKNOWN: 'no actor of this name is known',
  ACTOR_INVALID: 'an actor is defined wrongly',
  ACTOR_MODULE_INVALID: 'a module of own actors cannot be loaded',
  NODE_DUPLICATE: 'two nodes have the same id',
  NODE_ORPHAN: 'a node is wired to nothing',
  NODE_UNREACHABLE: 'no message can ever come to a node',
  NODE_DEAD_END: 'nothing takes what a node emits',
  CYCLE_BLOCKING: 'nodes feed each other by wires that all block, so they can end up waiting for each other for ever',
  CYCLE: 'nodes feed each other; a wire between them gives way when it is full',
  NODE_PLACEHOLDER: 'a node stands for one of another program that has no counterpart here',
  LAYOUT_FAILED: 'the nodes of a graph could not be placed',
  CANCELLED: 'somebody ended it before it was done',
  SUBGRAPH_CYCLE: 'a graph contains itself',
  DEPENDENCY_MISSING: 'a graph needs another that is not in the workspace',
  DEPENDENCY_VERSION: 'a graph needs another version of a graph than there is',
  DEPENDENCY_CYCLE: 'graphs depend on each other in a circle',
  INTERFACE_UNSATISFIED: 'no graph provides an interface that another requires',
  INTERFACE_AMBIGUOUS: 'several graphs provide an interface that another requires',
  INITIAL_DANGLING: 'an initial message is for a node or port that is not there',
  NODE_UNKNOWN: 'no node has this id',
  NODE_EXPORTED: 'a node is known to peers by its name, so it has to keep it',
  PORT_UNKNOWN: 'the node has no such port',
  WIRE_DUPLICATE: 'the same two ports are wired twice',
  WIRE_UNKNOWN: 'no wire joins these ports',
  KIND_MISMATCH: 'the message kinds of two ports, or of a message and a port, do not fit',
  CONFIG_INVALID: 'a config does not fit what its actor asks for',
  ENV_MISSING: 'a required environment variable is not set',
  NAME_INVALID: 'a name is empty or cannot be used',
  GRAPH_UNKNOWN: 'no graph of this name is in the lab',
  GROUP_UNKNOWN: 'no group has this id',
  GROUP_DUPLICATE: 'two groups have the same id',
  OUTER_PORT_UNKNOWN: 'the graph exposes no port of this name',
  OUTER_PORT_DUPLICATE: 'the graph exposes two ports of the same name',
  INITIAL_UNKNOWN: 'the port has no such initial message',
  NOTE_UNKNOWN: 'no note has this id',
  NOTE_DUPLICATE: 'two notes have the same id',
  EDIT_INVALID: 'an edit cannot be read, or would leave a file that cannot',
  EXPRESSION_FAILED: 'an expression failed, or went beyond its limits',
  MESSAGE_INVALID: 'a message is not of a form that can be read',
  MESSAGE_MUTATED: 'a behaviour changed bytes that it shares with others',
  MESSAGE_GONE: 'the message no longer waits where it was seen',
  MESSAGE_EXPIRED: 'a message waited longer than the time to live of its wire',
  OUTBOX_FULL: 'more was sent at once than the outbox holds',
  BEHAVIOUR_FAILED: 'the behaviour of a node threw',
  STATE_BROKEN: 'what was kept of the state of a node cannot be used',
  STATE_NOT_KEPT: 'the state of a node cannot be kept',
  NETWORK_STATE: 'the network is not in a state in which this can be done',
  // instances and labs
  INSTANCE_UNKNOWN: 'no instance of this name is in the lab',
  INSTANCE_STATE: 'the instance is not in a state in which this can be done',
  INSTANCE_CRASHED: 'the thread or process of an instance ended by itself',
  LAB_IN_USE: 'another process runs this lab now',
  LAB_NOT_RUNNING: 'no process that could be asked runs this lab now',
  INSTANCE_DUPLICATE: 'two instances have the same name',
  PORT_DUPLICATE: 'two parts of one lab are to listen on the same port',
  PORT_IN_USE: 'another program listens on this port',
  BIND_REFUSED: 'the address cannot be listened on, or not without a token and TLS',
  EXEC_REFUSED: 'running programs has not been allowed',
  // peers
  LINK_REFUSED: 'the peer refused the link',
  LINK_DOWN: 'there is no link to this peer now',
  AUTH_FAILED: 'one side could not prove that it knows the token',
  TOKEN_UNKNOWN:
    'a peer names a key id that is not among those accepted; it is told no more than that its token was not accepted',
  TOKEN_RETIRED: 'a token was accepted earlier and is so no longer',
  TLS_UNTRUSTED: 'the certificate of the other side is not one that is trusted here',
  LINK_INSECURE: 'a link proves nothing about who is at its other end',
  DUPLICATE_ID: 'another live instance has this name',
  SUPERSEDED: 'a newer start of this instance has taken its place',
  PEER_UNKNOWN: 'no peer of this name is known',
  PEER_UNREACHABLE: 'nothing answers at this address',
  NOT_EXPORTED: 'the peer has no such node, or does not export it',
  PROTOCOL_ERROR: 'the other side does not keep to the protocol',
  VERSION_MISMATCH: 'the two sides have no version of the protocol in common',
  TOO_BIG: 'a message is larger than the link allows',
  TIMEOUT: 'the answer did not come in time',
  // doors
  BENCH_FAILED: 'a bench could not take one of its samples',
  USAGE: 'the command line was used wrongly',
  ELECTRON_UNAVAILABLE: 'the desktop window cannot be opened on this machine',
  FORBIDDEN: 'this door does not allow that',
} as const

/** A stable code of an error that a user may meet; `errorCodes` says what each means. */
export type ErrorCode = keyof typeof errorCodes

/** An error meant for a person: a stable code, the thing by name, the way out. */
export class MillraceError extends Error {
  override readonly name = 'MillraceError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

/** Whether this is one of our own errors, also when it came out of another bundle of this code. */
export function isMillraceError(error: unknown): error is MillraceError {
  return error instanceof Error && error.name === 'MillraceError' && 'code' in error
}

/** One line for a person: message first, code in brackets; never a stack trace. Never throws, whatever was thrown. */
export function describeError(error: unknown): string {
  try {
    if (isMillraceError(error)) return `${error.message} [${error.code}]`
    return String(error instanceof Error ? error.message : error)
  } catch {
    // An object without a prototype, or a getter that throws.
    return 'something that cannot be shown'
  }
}
