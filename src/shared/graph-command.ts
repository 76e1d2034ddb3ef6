import * as v from 'valibot'

/**
 * Edits of a graph as plain data. A command says what a person does; `graph` turns it into `GraphChange`s, refuses it by name where
 * it cannot be, and knows its inverse. Commands cross from windows to the lab and lie in the fixes that checks propose.
 */

const id = v.string()
const path = v.array(v.union([v.string(), v.number()]))
const fields = v.record(v.string(), v.unknown())
const end = v.object({ node: v.string(), port: v.string() })
const position = v.object({ x: v.number(), y: v.number() })
const size = v.object({ width: v.number(), height: v.number() })
const side = v.picklist(['inports', 'outports'])
const wire = { from: end, to: end }

/** One change of a JSON value: JSON Patch (RFC 6902) with paths as lists; `at` says where a key goes among its neighbours. */
const change = v.variant('op', [
  v.object({ op: v.literal('add'), path, value: v.unknown(), at: v.optional(v.number()) }),
  v.object({ op: v.literal('remove'), path }),
  v.object({ op: v.literal('replace'), path, value: v.unknown() }),
])
export const graphChangeSchema = change
export type GraphChange = v.InferOutput<typeof change>

/** A message as tagged JSON, or plain JSON whose kind is inferred. */
const message = v.union([
  v.object({ data: v.unknown() }),
  v.object({ type: v.string(), data: v.optional(v.unknown()) }),
])

const note = v.object({
  id,
  text: v.string(),
  position: v.optional(position),
  size: v.optional(size),
  color: v.optional(v.string()),
})

export const graphCommandSchema = v.variant('type', [
  /** `rest` holds further fields of the process, such as `scriptRuntime`. */
  v.object({
    type: v.literal('addNode'),
    id,
    component: v.string(),
    metadata: v.optional(fields),
    rest: v.optional(fields),
  }),
  /** Takes the node's wires, initial messages, outer ports and places in groups with it. */
  v.object({ type: v.literal('removeNode'), id }),
  /** Everything that names the node follows. */
  v.object({ type: v.literal('renameNode'), id, to: v.string() }),
  v.object({ type: v.literal('moveNode'), id, position }),
  v.object({ type: v.literal('setComponent'), id, component: v.string() }),
  /** The whole config; `position`, `label`, `env_vars` and `millrace` stay. */
  v.object({ type: v.literal('setConfig'), id, config: fields }),
  /** One field of a node's metadata: a config field, `["label"]`, `["env_vars", "KEY"]`, `["millrace", "pinned"]`. Without `value` it is removed. */
  v.object({ type: v.literal('setNodeField'), id, path, value: v.optional(v.unknown()) }),

  /** `options` go to `metadata.millrace`: `capacity`, policy and so on. */
  v.object({ type: v.literal('connect'), ...wire, options: v.optional(fields), metadata: v.optional(fields) }),
  v.object({ type: v.literal('disconnect'), ...wire }),
  /** Merges into `metadata.millrace`; `null` removes an option. */
  v.object({ type: v.literal('setWireOptions'), ...wire, options: fields }),
  v.object({ type: v.literal('setWireField'), ...wire, path, value: v.optional(v.unknown()) }),

  /** A message that a port gets at every start. */
  v.object({ type: v.literal('addInitial'), to: end, message, metadata: v.optional(fields) }),
  /** `index` counts the initial messages of this port from 0, in the order in which it gets them. */
  v.object({ type: v.literal('removeInitial'), to: end, index: v.number() }),
  v.object({ type: v.literal('setInitial'), to: end, index: v.number(), message }),

  v.object({ type: v.literal('addGroup'), id, nodes: v.array(v.string()), metadata: v.optional(fields) }),
  v.object({ type: v.literal('removeGroup'), id }),
  v.object({ type: v.literal('renameGroup'), id, to: v.string() }),
  v.object({ type: v.literal('addToGroup'), id, nodes: v.array(v.string()) }),
  v.object({ type: v.literal('removeFromGroup'), id, nodes: v.array(v.string()) }),
  v.object({ type: v.literal('setGroupField'), id, path, value: v.optional(v.unknown()) }),

  /** Exposes a port of a node at the boundary of the graph, under a name of its own. */
  v.object({ type: v.literal('addOuterPort'), side, name: v.string(), at: end, portType: v.optional(fields) }),
  v.object({ type: v.literal('removeOuterPort'), side, name: v.string() }),
  v.object({ type: v.literal('renameOuterPort'), side, name: v.string(), to: v.string() }),

  /** Notes on the canvas; they lie in `properties.millrace.notes`. */
  v.object({ type: v.literal('addNote'), note }),
  v.object({ type: v.literal('removeNote'), id }),
  v.object({ type: v.literal('setNote'), id, fields: v.partial(v.omit(note, ['id'])) }),

  /** One field of the graph's properties: `["name"]`, `["description"]`, `["millrace", …]`. Without `value` it is removed. */
  v.object({ type: v.literal('setProperty'), path, value: v.optional(v.unknown()) }),

  /** Raw changes, for fixes that no other command can make; refused when the graph would no longer be one. */
  v.object({ type: v.literal('patch'), changes: v.array(change), name: v.optional(v.string()) }),
])
/** One edit of a graph, as plain data. */
export type GraphCommand = v.InferOutput<typeof graphCommandSchema>
/** A note on the canvas. */
export type GraphNote = v.InferOutput<typeof note>
/** A message in a command. */
export type CommandMessage = v.InferOutput<typeof message>
