import {
  defaultRetry,
  defaultSupervision,
  deliveryModes,
  supervisionStrategies,
  wirePolicies,
} from '../../shared/index.ts'

const count = { type: 'integer', minimum: 1 }
const milliseconds = { type: 'number', minimum: 0 }

/** What a wire may say of itself, for a form; the lab has the last word. */
export const wireOptionsForm = {
  properties: {
    policy: {
      enum: [...wirePolicies],
      default: 'block',
      description: 'what becomes of a message that finds no room: its source waits, or one is lost and counted',
    },
    capacity: { ...count, description: 'messages that it holds; as many as its inport says when absent' },
    bytes: { ...count, description: 'bytes that it holds, as estimated; 8 MiB when absent' },
    ttlMs: { ...count, description: 'a message that waits longer becomes a dead letter; never when absent' },
    sampleMs: { ...count, description: 'with the policy sample: at most one message in this time', default: 100 },
    delivery: {
      enum: [...deliveryModes],
      default: 'reliable',
      description: 'how it is carried where it crosses a link',
    },
  },
}

/** How a node is supervised. */
export const supervisionForm = {
  properties: {
    strategy: {
      enum: [...supervisionStrategies],
      default: defaultSupervision.strategy,
      description: 'what becomes of it after a failure',
    },
    maxRestarts: {
      ...count,
      default: defaultSupervision.maxRestarts,
      description: 'one more within the time parks it',
    },
    withinMs: {
      ...milliseconds,
      default: defaultSupervision.withinMs,
      description: 'the time in which restarts count',
    },
    minDelayMs: {
      ...milliseconds,
      default: defaultSupervision.minDelayMs,
      description: 'the wait before the first restart',
    },
    maxDelayMs: {
      ...milliseconds,
      default: defaultSupervision.maxDelayMs,
      description: 'the longest wait before a restart',
    },
  },
}

/** How messages that fail are tried again. */
export const retryForm = {
  properties: {
    attempts: {
      ...count,
      default: defaultRetry.attempts,
      description: 'tries of one message before it is a dead letter',
    },
    minDelayMs: { ...milliseconds, default: defaultRetry.minDelayMs, description: 'the wait before the second retry' },
    maxDelayMs: { ...milliseconds, default: defaultRetry.maxDelayMs, description: 'the longest wait before a retry' },
  },
}

/** What else bounds a node. */
export const runForm = {
  properties: {
    parallel: { ...count, description: "runs that may be under way at once; the actor's own number when absent" },
    deadlineMs: { ...count, description: 'a run that takes longer has failed; never when absent' },
  },
}
