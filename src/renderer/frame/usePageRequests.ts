import { useEventListener } from '@vueuse/core'
import { useJoin } from '../links/useJoin.ts'
import { useActions } from '../stores/useActions.ts'
import { useSelection } from '../stores/useSelection.ts'
import { useToasts } from '../stores/useToasts.ts'

/** Does what the native side of the desktop asks: items of its menu, links that a person agreed to, notifications that were clicked. */
export function usePageRequests(): void {
  const actions = useActions()
  const join = useJoin()
  const selection = useSelection()
  const toasts = useToasts()
  useEventListener(window, 'message', ({ source, data }: MessageEvent<unknown>) => {
    // Only the preload script of this very window speaks here: frames and openers cannot.
    if (source !== window || !hasFields(data, 'type', 'request') || data.type !== 'millrace-request') return
    const { request } = data
    if (!hasFields(request, 'type')) return
    if (request.type === 'action' && hasFields(request, 'id')) act(String(request.id))
    if (request.type === 'join' && hasFields(request, 'endpoint')) join.open({ endpoint: String(request.endpoint) })
    if (request.type === 'select' && hasFields(request, 'instance'))
      selection.select({ type: 'instance', instance: String(request.instance) })
  })

  function act(id: string): void {
    const action = actions.find(id)
    if (action?.refusal === undefined && action) return actions.run(action)
    toasts.show({
      tone: 'error',
      title: action ? `${action.title}: not now` : 'The window does not know this command',
      text: action?.refusal ?? id,
    })
  }
}

function hasFields<Name extends string>(value: unknown, ...names: Name[]): value is Record<Name, unknown> {
  return typeof value === 'object' && value !== null && names.every((name) => Object.hasOwn(value, name))
}
