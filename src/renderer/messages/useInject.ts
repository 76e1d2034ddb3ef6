import { useLocalStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { MessageKind } from '../../shared/index.ts'
import { useCommands } from '../stores/useCommands.ts'
import { useLab } from '../stores/useLab.ts'
import { readMessage } from '../view/message-text.ts'

/** The inport a message is sent to. */
export interface InjectTarget {
  instance: string
  node: string
  port: string
}

/** A message that was kept to be sent again. */
export interface Snippet {
  name: string
  text: string
  /** Of which kind it is, where that was said. */
  kind?: MessageKind | undefined
}

/** Sending messages by hand: where to, what, and what was kept for the next time. */
export const useInject = defineStore('inject', () => {
  const lab = useLab()
  const commands = useCommands()
  const target = shallowRef<InjectTarget>()
  const text = shallowRef('{}')
  /** The kind that is said of it; without one the JSON tells. */
  const kind = shallowRef<MessageKind>()
  const snippets = useLocalStorage<Snippet[]>('millrace.snippets', [])
  const sent = shallowRef(0)

  /** What is written, as the lab wants it, or why it is no message. */
  const read = computed(() => readMessage(text.value, kind.value))

  return {
    target,
    text,
    kind,
    sent,
    snippets,
    fault: computed(() => read.value.fault),
    inports: computed(() => {
      const now = target.value
      return lab.instance(now?.instance ?? '')?.nodes.find(({ id }) => id === now?.node)?.inports ?? []
    }),
    /** Opens the dialog, with a message to begin with. */
    begin(to: InjectTarget, message?: unknown): void {
      if (message !== undefined) {
        text.value = JSON.stringify(message, undefined, 2)
        kind.value = undefined
      }
      sent.value = 0
      target.value = to
    },
    close: () => (target.value = undefined),
    async send(): Promise<void> {
      const { message } = read.value
      if (!target.value || !message) return
      if (await commands.send(target.value, message)) sent.value += 1
    },
    keep(name: string): void {
      const snippet = { name, text: text.value, kind: kind.value }
      snippets.value = [...snippets.value.filter((other) => other.name !== name), snippet]
    },
    /** Takes a kept message up again. */
    take(snippet: Snippet): void {
      text.value = snippet.text
      kind.value = snippet.kind
    },
    forget: (name: string) => (snippets.value = snippets.value.filter((other) => other.name !== name)),
  }
})
