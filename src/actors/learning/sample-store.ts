import type { TrainingData } from '../payloads.ts'
import { sampleKey } from './hold-out.ts'
import type { Sample, SampleForm } from './train-model.ts'

/**
 * The newest samples up to a bound. One that comes again, as in a second pass over the data, replaces its former self. Samples of
 * another form (task, features, transformation) cannot be learnt from together with the old ones, which are then forgotten.
 */
export class SampleStore {
  readonly #limit: number
  readonly #samples = new Map<string, Sample>()
  #form: SampleForm | undefined
  #formText = ''
  #unnamed = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#samples.size
  }

  /** What the samples have in common; `undefined` before the first. */
  get form(): SampleForm | undefined {
    return this.#form
  }

  samples(): Sample[] {
    return [...this.#samples.values()]
  }

  /** Adds a batch. */
  add({ features, labels, metadata }: TrainingData): void {
    this.#fit(metadata)
    for (const [index, row] of features.entries()) {
      const id = metadata.record_ids?.[index]
      const key = id === undefined ? `unnamed ${(this.#unnamed += 1)}` : sampleKey(id)
      this.#samples.delete(key)
      this.#samples.set(key, { features: row, label: labels[index] ?? NaN })
    }
    for (const key of this.#samples.keys()) {
      if (this.#samples.size <= this.#limit) break
      this.#samples.delete(key)
    }
  }

  #fit({ task, transformation, feature_names, feature_count }: TrainingData['metadata']): void {
    const names =
      feature_names?.length === feature_count
        ? feature_names
        : Array.from({ length: feature_count }, (_, index) => `feature_${index + 1}`)
    const form = { task, transformation, feature_names: names }
    const formText = JSON.stringify(form)
    if (formText === this.#formText) return
    this.#samples.clear()
    this.#form = form
    this.#formText = formText
  }
}
