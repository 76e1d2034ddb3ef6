import { describeError, MillraceError, type Persist } from '../shared/index.ts'
import type { ActorDefinition } from './actor.ts'
import type { Platform } from './host-platform.ts'
import type { NetworkEvent } from './network-event.ts'
import type { NodePhase } from './node-phase.ts'
import { readState, writeState } from './state-text.ts'
import type { StateSnapshot, StateStore } from './state-store.ts'

/** A node whose state may be kept. */
export interface KeepingNode {
  readonly id: string
  readonly actor: ActorDefinition
  readonly phase: NodePhase
  readonly settings: { readonly config: unknown; readonly options: { readonly persist?: Persist | undefined } }
  readonly services: { readonly state: unknown }
}

/** What keeping states takes from the network. */
export interface KeepingHost {
  readonly platform: Platform
  /** Absent where nothing keeps states. */
  readonly store: StateStore | undefined
  emit(event: NetworkEvent): void
}

/** What is known of the state under one key. */
interface Kept {
  readonly key: string
  /** The node that keeps its state here now: the newest one, when a node goes and another takes its name over. */
  owner: KeepingNode
  everyMs: number
  /** The newest snapshot, whether or not it is on disk already. */
  newest: StateSnapshot | undefined
  /** When what is on disk was taken. */
  savedAtMs: number | undefined
  /** Whether the node has its state from here, so that what it has may be kept. */
  isOpen: boolean
  /** Why the newest state is not kept. */
  fault: string | undefined
  isDue: boolean
  writing: Promise<void> | undefined
  cancelNext: (() => void) | undefined
}

/** Takes snapshots of the states of nodes with `persist`, now and then and at a stop, and gives them back at a start. Costs nothing else. */
export class KeptStates {
  readonly #host: KeepingHost
  readonly #kept = new Map<string, Kept>()

  constructor(host: KeepingHost) {
    this.#host = host
  }

  /** Refuses settings that ask for what nothing here does. Throws `CONFIG_INVALID`. */
  check(node: string, { persist }: { persist?: Persist | undefined }): void {
    if (persist === undefined || this.#host.store !== undefined) return
    const wayOut = 'run it in a lab, or give its network a folder for them (`statesFolder`)'
    throw new MillraceError('CONFIG_INVALID', `node "${node}", millrace.persist: nothing keeps states here; ${wayOut}`)
  }

  /** Takes notice of a node that comes, or whose settings have changed. */
  adopt(node: KeepingNode): void {
    const { persist } = node.settings.options
    const key = persist === undefined ? undefined : keyOf(node, persist)
    for (const kept of this.#kept.values()) if (kept.owner === node && kept.key !== key) this.#close(kept)
    if (persist === undefined || key === undefined) return
    const kept = this.#kept.get(key) ?? newKept(key, node, persist)
    this.#kept.set(key, kept)
    if (kept.owner !== node) this.#handOver(kept, node)
    kept.everyMs = persist.everyMs
    if (node.phase !== 'started' || kept.isOpen) return
    // It runs already, with a state that is to be kept from now on.
    kept.isOpen = true
    this.#arm(kept)
  }

  /** The state that a node starts with: what was kept of it, else a fresh one. */
  initial(node: KeepingNode): unknown {
    const { actor, settings } = node
    const kept = this.#of(node)
    const fresh = () => actor.state?.(settings.config)
    if (kept === undefined) {
      const { persist } = settings.options
      if (persist !== undefined) this.#tellTaken(node, keyOf(node, persist))
      return fresh()
    }
    kept.isOpen = true
    this.#arm(kept)
    const found = kept.newest ?? this.#load(kept)
    if (found === undefined) return fresh()
    try {
      if (found.actor !== actor.name) throw new Error(`it is that of a ${found.actor}, and this is a ${actor.name}`)
      const saved = readState(found.text)
      const state = actor.restoreState === undefined ? saved : actor.restoreState(saved, settings.config)
      kept.newest = found
      return state
    } catch (error) {
      kept.newest = undefined
      this.#tellLost(kept, error)
      return fresh()
    }
  }

  /** Takes a snapshot now, if the node's state is kept. */
  take(node: KeepingNode): void {
    const kept = this.#of(node)
    if (kept?.isOpen === true) this.#take(kept)
  }

  /** Lets go of a node that leaves the network, with a last snapshot. */
  drop(node: KeepingNode): void {
    for (const kept of this.#kept.values()) if (kept.owner === node) this.#close(kept)
  }

  /** Forgets what is kept of a node: its next start begins with a fresh state. */
  async forget(node: KeepingNode): Promise<void> {
    const kept = this.#of(node)
    if (kept === undefined) return
    kept.newest = undefined
    kept.savedAtMs = undefined
    kept.isOpen = false
    await kept.writing
    this.#host.store?.forget(kept.key)
  }

  /** Takes the last snapshots of a run; done when all that is to be kept is on disk, or cannot be. */
  async settle(): Promise<void> {
    for (const kept of this.#kept.values()) {
      this.#disarm(kept)
      if (kept.isOpen && kept.owner.phase === 'stopped') this.#take(kept)
      kept.isOpen = false
    }
    await Promise.all(Array.from(this.#kept.values(), ({ writing }) => writing))
  }

  /** What is kept of a node, for those who watch; `undefined` when nothing shall be. */
  describe(node: KeepingNode): { savedAtMs?: number; bytes: number; fault?: string } | undefined {
    if (node.settings.options.persist === undefined) return undefined
    const kept = this.#of(node)
    return {
      ...(kept?.savedAtMs !== undefined && { savedAtMs: kept.savedAtMs }),
      bytes: kept?.newest?.text.length ?? 0,
      ...(kept?.fault !== undefined && { fault: kept.fault }),
    }
  }

  #of(node: KeepingNode): Kept | undefined {
    const { persist } = node.settings.options
    if (persist === undefined) return undefined
    const kept = this.#kept.get(keyOf(node, persist))
    return kept?.owner === node ? kept : undefined
  }

  /** A node takes the name over under which another keeps its state, as after a renaming: it goes on where that one is. */
  #handOver(kept: Kept, to: KeepingNode): void {
    if (kept.isOpen && kept.owner.phase === 'started') this.#take(kept)
    kept.owner = to
    kept.isOpen = false
  }

  #close(kept: Kept): void {
    this.#disarm(kept)
    if (kept.isOpen && kept.owner.phase !== 'failed') this.#take(kept)
    kept.isOpen = false
    // What is being written is known until it is on disk: whoever takes the name over meanwhile finds the newest.
    const forget = () => {
      if (!kept.isOpen && kept.writing === undefined) this.#kept.delete(kept.key)
    }
    if (kept.writing === undefined) forget()
    else void kept.writing.then(forget)
  }

  #load(kept: Kept): StateSnapshot | undefined {
    const { owner, key } = kept
    let found: ReturnType<StateStore['load']>
    try {
      found = this.#host.store?.load(key)
    } catch (error) {
      this.#tellLost(kept, error)
      return undefined
    }
    if (found === undefined) return undefined
    const { warning, ...snapshot } = found
    kept.savedAtMs = snapshot.savedAtMs
    this.#host.emit({
      type: 'stateRestored',
      node: owner.id,
      savedAtMs: snapshot.savedAtMs,
      ...(warning !== undefined && { warning }),
    })
    return snapshot
  }

  /** What cannot be used is put out of the way, so that nothing is written over it. */
  #tellLost({ key, owner }: Kept, error: unknown): void {
    const place = this.#host.store?.setAside(key) ?? ''
    const reason = `${describeError(error)}; it begins anew, and what was kept lies in ${place}`
    this.#host.emit({ type: 'stateLost', node: owner.id, reason })
  }

  #take(kept: Kept): void {
    const { id, actor, services } = kept.owner
    let text: string
    try {
      const { state } = services
      text = writeState(actor.saveState === undefined ? state : actor.saveState(state))
    } catch (error) {
      const wayOut = 'a state that is kept is plain data; or its actor says by saveState and restoreState what of it is'
      this.#fail(kept, `${describeError(error)}; ${wayOut}`)
      return
    }
    if (text === kept.newest?.text && kept.fault === undefined) return
    kept.newest = { node: id, actor: actor.name, savedAtMs: this.#host.platform.now(), text }
    kept.isDue = true
    kept.writing ??= this.#write(kept)
  }

  /** Writes the newest snapshot, and again as long as a newer one has come meanwhile. */
  async #write(kept: Kept): Promise<void> {
    while (kept.isDue && kept.newest !== undefined) {
      kept.isDue = false
      const { newest } = kept
      try {
        await this.#host.store?.save(kept.key, newest)
        kept.savedAtMs = newest.savedAtMs
        if (!kept.isDue) kept.fault = undefined
      } catch (error) {
        this.#fail(kept, describeError(error))
      }
    }
    kept.writing = undefined
  }

  #tellTaken(node: KeepingNode, key: string): void {
    const owner = this.#kept.get(key)?.owner.id ?? ''
    const reason = `node "${owner}" keeps its state under the same name, "${key}"; give one of them another, by "persist": {"as": …}`
    this.#host.emit({ type: 'stateNotKept', node: node.id, reason })
  }

  /** Told once, not at every try. */
  #fail(kept: Kept, reason: string): void {
    if (kept.fault !== reason) this.#host.emit({ type: 'stateNotKept', node: kept.owner.id, reason })
    kept.fault = reason
  }

  #arm(kept: Kept): void {
    this.#disarm(kept)
    kept.cancelNext = this.#host.platform.after(kept.everyMs, () => {
      this.#arm(kept)
      if (kept.isOpen && kept.owner.phase === 'started') this.#take(kept)
    })
  }

  #disarm(kept: Kept): void {
    kept.cancelNext?.()
    kept.cancelNext = undefined
  }
}

function keyOf(node: KeepingNode, persist: Persist): string {
  return persist.as ?? node.id
}

function newKept(key: string, owner: KeepingNode, { everyMs }: Persist): Kept {
  return {
    key,
    owner,
    everyMs,
    newest: undefined,
    savedAtMs: undefined,
    isOpen: false,
    fault: undefined,
    isDue: false,
    writing: undefined,
    cancelNext: undefined,
  }
}
