import { useLocalStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, reactive, shallowRef } from 'vue'
import type { ConnectionTrial, FoundInstanceEntry } from '../../shared/index.ts'
import { useCommands } from '../stores/useCommands.ts'
import { useLab } from '../stores/useLab.ts'
import { endpointOf, faultOfEndpoint, faultOfFingerprint } from '../view/join-form.ts'

const rememberLimit = 8

/** Joining a peer: what is filled in, what a trial of it found, and the dialling itself. */
export const useJoin = defineStore('join', () => {
  const commands = useCommands()
  const lab = useLab()
  const isOpen = shallowRef(false)
  /** Who dials. */
  const instance = shallowRef('')
  const form = reactive({ endpoint: '', isSecure: false, token: '', fingerprint: '' })
  const trial = shallowRef<ConnectionTrial>()
  /** What the trial was of: once something else is filled in, it says nothing any more. */
  const tried = shallowRef('')
  const found = shallowRef<readonly FoundInstanceEntry[]>()
  /** Addresses that were joined before; tokens are not kept. */
  const remembered = useLocalStorage<string[]>('millrace.peers', [])

  const entry = computed(() => ({
    endpoint: endpointOf(form),
    ...(form.token !== '' && { token: form.token }),
    ...(form.isSecure && form.fingerprint.trim() !== '' && { fingerprint: form.fingerprint.trim() }),
  }))
  const key = computed(() => JSON.stringify(entry.value))

  /** Opens the dialog, for an instance that dials if one is meant, filled in as far as is known. */
  function open(known: { instance?: string | undefined; endpoint?: string } = {}): void {
    const running = lab.instances.find(({ state }) => state === 'running') ?? lab.instances[0]
    instance.value = known.instance ?? (instance.value || (running?.instance ?? ''))
    const endpoint = known.endpoint ?? ''
    Object.assign(form, {
      endpoint: endpoint.replace(/^wss?:\/\//u, ''),
      isSecure: endpoint.startsWith('wss://'),
      token: '',
      fingerprint: '',
    })
    trial.value = undefined
    found.value = undefined
    isOpen.value = true
  }

  async function test(): Promise<void> {
    const asked = key.value
    await commands.ask('Try the connection', async (client) => {
      trial.value = await client.links.try(entry.value)
      tried.value = asked
    })
  }

  /** Pins the certificate that the other side has shown, and tries again. */
  async function trustCertificate(): Promise<void> {
    form.fingerprint = trial.value?.fingerprint ?? ''
    form.isSecure = true
    await test()
  }

  /** Tries again with encryption, or without. */
  async function encrypt(isSecure: boolean): Promise<void> {
    form.isSecure = isSecure
    await test()
  }

  async function lookAround(): Promise<void> {
    await commands.ask('Look for instances', async (client) => {
      found.value = await client.links.discover({ instance: instance.value })
    })
  }

  /** Has the instance dial from now on; closes the dialog when it does. */
  async function join(): Promise<boolean> {
    const done = await commands.ask('Join the peer', (client) =>
      client.links.add({ instance: instance.value, ...entry.value }),
    )
    if (!done) return false
    const { endpoint } = entry.value
    remembered.value = [endpoint, ...remembered.value.filter((other) => other !== endpoint)].slice(0, rememberLimit)
    isOpen.value = false
    form.token = ''
    return true
  }

  return {
    isOpen,
    instance,
    form,
    remembered,
    found,
    /** The trial of what is filled in now. */
    trial: computed(() => (tried.value === key.value ? trial.value : undefined)),
    fault: computed(() => faultOfEndpoint(form.endpoint)),
    fingerprintFault: computed(() => (form.isSecure ? faultOfFingerprint(form.fingerprint) : undefined)),
    isTrying: computed(() => commands.isUnderWay('Try the connection')),
    isLooking: computed(() => commands.isUnderWay('Look for instances')),
    open,
    close: () => (isOpen.value = false),
    test,
    trustCertificate,
    encrypt,
    lookAround,
    join,
  }
})
