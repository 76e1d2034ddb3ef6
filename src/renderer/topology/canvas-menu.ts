import type { Action } from '../actions/action.ts'
import type { Selected } from '../view/selected.ts'

/** What the menu of each kind of thing offers, in groups; what is not there now is left out. */
const offers: Record<Selected['type'] | 'canvas', readonly (readonly string[])[]> = {
  node: [
    ['selection.details', 'canvas.inside', 'canvas.nextWire', 'canvas.zoomToSelection'],
    ['node.inject', 'node.step', 'node.pause', 'node.resume', 'node.messages', 'trace.next'],
    ['edit.connect', 'edit.rename', 'edit.moveTo', 'edit.duplicate', 'edit.copy', 'edit.cut'],
    ['edit.group', 'edit.subgraph', 'edit.dissolve'],
    ['edit.delete'],
  ],
  wire: [
    ['selection.details', 'wire.messages', 'trace.next'],
    ['wire.break', 'wire.release', 'wire.releaseAll'],
    ['edit.delete'],
  ],
  link: [['selection.details', 'panel.links']],
  instance: [
    ['selection.details', 'canvas.zoomToSelection'],
    ['instance.start', 'instance.stop', 'instance.restart', 'instance.kill'],
    ['instance.pause', 'instance.resume', 'instance.step', 'instance.drain'],
    ['instance.duplicate', 'instance.isolate', 'instance.remove'],
    ['edit.add', 'edit.paste', 'edit.layout', 'edit.note', 'edit.markAll'],
  ],
  canvas: [
    ['canvas.fit', 'canvas.find', 'canvas.outside'],
    ['edit.mode', 'edit.undo', 'edit.redo', 'edit.add', 'edit.paste', 'edit.note'],
    ['edit.rename', 'edit.ungroup', 'edit.delete'],
    ['edit.apply', 'edit.save', 'edit.discard'],
  ],
}

/**
 * What is left out where it does not apply, rather than shown with a reason. Most nodes are no graphs: that one cannot be looked into
 * need not be said of each; and of what goes on and what rests only one can be wanted.
 */
const saidByAbsence =
  /^(?:canvas\.(?:in|out)side|edit\.dissolve|(?:node|instance)\.(?:pause|resume)|instance\.(?:start|stop)|wire\.release(?:All)?)$/u

/** So many instances to move to are offered here; the palette has them all. */
const targetLimit = 5

/** The actions for what is selected, in groups. Those that edit are left out while nothing is edited. */
export function menuFor(
  selected: Selected | undefined,
  { all, find, isEditing }: { all: readonly Action[]; find: (id: string) => Action | undefined; isEditing: boolean },
): Action[][] {
  return offers[selected?.type ?? 'canvas']
    .map((group) =>
      group.flatMap((id) => {
        if (id.startsWith('edit.') && id !== 'edit.mode' && !isEditing) return []
        if (id === 'edit.moveTo')
          return all.filter((action) => action.id.startsWith('edit.moveTo ')).slice(0, targetLimit)
        // Each instance has actions of its own.
        const action = find(id.startsWith('instance.') && selected ? `${id} ${selected.instance}` : id)
        return action && !(action.refusal !== undefined && saidByAbsence.test(id)) ? action : []
      }),
    )
    .filter((group) => group.length > 0)
}
