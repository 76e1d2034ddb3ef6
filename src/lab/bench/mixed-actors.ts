import { type ActorDefinition, defineActor } from '../../runtime/index.ts'
import type { BenchRecord } from './bench-network.ts'
import type { BareActor } from './floor.ts'

/** One actor written three times: as most people would, for speed, and for the floor. */
export interface MixedActor {
  readonly returning: ActorDefinition
  readonly handling: ActorDefinition
  readonly bare: (message: unknown, self: BareActor) => void
}

/** Whether a record is one of those, one in 64, that also go out at a second port, where nobody listens. */
const isNoted = (record: unknown) => ((record as BenchRecord).id & 63) === 0
/** Whether it goes on by the first port, which all do; the behaviours only have to look. */
const isGood = (record: unknown) => (record as BenchRecord).value < 1

const toNobody = (_message: unknown) => {}

/**
 * Eight actors with names, ports and behaviours of their own and three outports each: what is hard for a runtime here is that every
 * object a behaviour returns has another shape. Each passes the record on by its first outport.
 */
export const mixedActors: readonly MixedActor[] = [
  {
    returning: defineActor({
      name: 'Reader',
      inports: { Raw: {} },
      outports: { Reading: {}, Gap: {}, Notes: {} },
      run: ({ inputs }) => ({ Reading: inputs.Raw }),
    }),
    handling: defineActor({
      name: 'ReaderByHandles',
      inports: { Raw: {} },
      outports: { Reading: {}, Gap: {}, Notes: {} },
      run: ({ inputs, out }) => void out.Reading.send(inputs.Raw),
    }),
    bare: (record, self) => self.send(record),
  },
  {
    returning: defineActor({
      name: 'Range',
      inports: { Reading: {} },
      outports: { Within: {}, Above: {}, Below: {} },
      run: ({ inputs }) => (isGood(inputs.Reading) ? { Within: inputs.Reading } : { Above: inputs.Reading }),
    }),
    handling: defineActor({
      name: 'RangeByHandles',
      inports: { Reading: {} },
      outports: { Within: {}, Above: {}, Below: {} },
      run: ({ inputs, out }) => void (isGood(inputs.Reading) ? out.Within : out.Above).send(inputs.Reading),
    }),
    bare: (record, self) => {
      if (isGood(record)) self.send(record)
    },
  },
  {
    returning: defineActor({
      name: 'Scale',
      inports: { Within: {} },
      outports: { Scaled: {}, Overflow: {}, Trace: {} },
      run: ({ inputs }) =>
        isNoted(inputs.Within) ? { Scaled: inputs.Within, Trace: 'noted' } : { Scaled: inputs.Within },
    }),
    handling: defineActor({
      name: 'ScaleByHandles',
      inports: { Within: {} },
      outports: { Scaled: {}, Overflow: {}, Trace: {} },
      run: ({ inputs, out }) => {
        out.Scaled.send(inputs.Within)
        if (isNoted(inputs.Within)) out.Trace.send('noted')
      },
    }),
    bare: (record, self) => {
      self.send(record)
      if (isNoted(record)) toNobody('noted')
    },
  },
  {
    returning: defineActor({
      name: 'Dedup',
      inports: { Item: {} },
      outports: { Fresh: {}, Repeated: {}, Summary: {} },
      run: ({ inputs: { Item } }) => {
        if (!isGood(Item)) return { Summary: Item }
        return { Fresh: Item }
      },
    }),
    handling: defineActor({
      name: 'DedupByHandles',
      inports: { Item: {} },
      outports: { Fresh: {}, Repeated: {}, Summary: {} },
      run: ({ inputs: { Item }, out }) => {
        if (!isGood(Item)) out.Summary.send(Item)
        else out.Fresh.send(Item)
      },
    }),
    bare: (record, self) => {
      if (!isGood(record)) return
      self.send(record)
    },
  },
  {
    returning: defineActor({
      name: 'Label',
      inports: { Sample: {} },
      outports: { Labelled: {}, Unknown: {}, Audit: {} },
      run: ({ inputs }) => ({ Labelled: inputs.Sample }),
    }),
    handling: defineActor({
      name: 'LabelByHandles',
      inports: { Sample: {} },
      outports: { Labelled: {}, Unknown: {}, Audit: {} },
      run: ({ inputs, out }) => void out.Labelled.send(inputs.Sample),
    }),
    bare: (record, self) => self.send(record),
  },
  {
    returning: defineActor({
      name: 'Router',
      inports: { Packet: {} },
      outports: { Main: {}, Side: {}, Rejected: {} },
      run: ({ inputs }) => (isGood(inputs.Packet) ? { Main: inputs.Packet } : { Side: inputs.Packet }),
    }),
    handling: defineActor({
      name: 'RouterByHandles',
      inports: { Packet: {} },
      outports: { Main: {}, Side: {}, Rejected: {} },
      run: ({ inputs, out }) => void (isGood(inputs.Packet) ? out.Main : out.Side).send(inputs.Packet),
    }),
    bare: (record, self) => {
      if (isGood(record)) self.send(record)
    },
  },
  {
    returning: defineActor({
      name: 'Store',
      inports: { Row: {} },
      outports: { Stored: {}, Failed: {}, Metrics: {} },
      run: ({ inputs }) => (isNoted(inputs.Row) ? { Stored: inputs.Row, Metrics: 'noted' } : { Stored: inputs.Row }),
    }),
    handling: defineActor({
      name: 'StoreByHandles',
      inports: { Row: {} },
      outports: { Stored: {}, Failed: {}, Metrics: {} },
      run: ({ inputs, out }) => {
        out.Stored.send(inputs.Row)
        if (isNoted(inputs.Row)) out.Metrics.send('noted')
      },
    }),
    bare: (record, self) => {
      self.send(record)
      if (isNoted(record)) toNobody('noted')
    },
  },
  {
    returning: defineActor({
      name: 'Publish',
      inports: { Document: {} },
      outports: { Published: {}, Held: {}, Log: {} },
      run: ({ inputs: { Document } }) => {
        if (!isGood(Document)) return { Log: Document }
        return { Published: Document }
      },
    }),
    handling: defineActor({
      name: 'PublishByHandles',
      inports: { Document: {} },
      outports: { Published: {}, Held: {}, Log: {} },
      run: ({ inputs: { Document }, out }) => {
        if (!isGood(Document)) out.Log.send(Document)
        else out.Published.send(Document)
      },
    }),
    bare: (record, self) => {
      if (!isGood(record)) return
      self.send(record)
    },
  },
]
