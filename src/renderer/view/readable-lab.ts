import type { LabDescription } from '../../shared/index.ts'
import { readableLine, shorten } from './readable-text.ts'

const nameLimit = 200

/**
 * A lab whose names can be shown anywhere: what hides, turns around or runs on is made visible and cut. Ids, by which commands name
 * things, stay as they are; a node whose id cannot be shown gets a label.
 */
export function readableLab(lab: LabDescription): LabDescription {
  const instances = lab.instances.map((instance) => ({
    ...instance,
    nodes: instance.nodes.map((node) => {
      const label = node.label ?? node.id
      const shown = readable(label)
      return { ...node, component: readable(node.component), ...(shown !== label && { label: shown }) }
    }),
  }))
  return { ...lab, name: readable(lab.name), file: readable(lab.file), instances }
}

function readable(text: string): string {
  return readableLine(shorten(text, nameLimit).text)
}
