/** Where a node stands in its life; only a `started` one takes messages. */
export type NodePhase = 'stopped' | 'starting' | 'started' | 'failed' | 'removed'
