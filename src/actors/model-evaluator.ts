import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { isForChoosing } from './learning/hold-out.ts'
import { parseModel, type LinearModel } from './learning/linear-model.ts'
import { describeScore, gaugesOf, measureModel, scoreOf } from './learning/measure-model.ts'
import { SampleStore } from './learning/sample-store.ts'
import type { SampleForm } from './learning/train-model.ts'
import {
  metricsSchema,
  trainedModelSchema,
  trainingDataSchema,
  type TrainedModel,
  type TrainingData,
} from './payloads.ts'
import { makeMetrics, publishGauges, shortId } from './report.ts'

const config = v.object({
  /** Held-out samples kept to judge by, the newest. */
  max_holdout: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000)), 500),
  /** Held-out samples below which no model is promoted. */
  min_holdout: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 10),
})

/** Differences in score below this are rounding, not progress. */
const rounding = 1e-9

interface Champion {
  readonly trained: TrainedModel
  readonly model: LinearModel
}

/**
 * Judges each model by held-out samples alone and promotes it when it beats the champion on the very same samples, or equals it
 * having seen more. A third of the held-out samples serves for this choice; the figures that go out are measured on the others,
 * which had no say in it. The champion goes out again, measured anew, when those have become more.
 */
export const modelEvaluator = defineActor({
  name: 'ModelEvaluator',
  description: 'Measures each model on held-out records and promotes only a better one.',
  inports: {
    Input: { kind: 'object', capacity: 100, schema: trainedModelSchema },
    Holdout: { kind: 'object', capacity: 100, schema: trainingDataSchema },
  },
  outports: {
    Approved: { kind: 'object', capacity: 50, schema: trainedModelSchema },
    Rejected: { kind: 'object', capacity: 50, schema: trainedModelSchema },
    Log: { kind: 'string' },
    Metrics: { kind: 'object', schema: metricsSchema },
  },
  config,
  state: ({ max_holdout }) => ({
    choosing: new SampleStore(max_holdout / 3),
    measuring: new SampleStore((max_holdout * 2) / 3),
    champion: undefined as Champion | undefined,
    approved: 0,
    rejected: 0,
    lastLogged: '',
  }),
  run(context) {
    const { inputs, config: settings, state, out } = context
    if (inputs.Holdout !== undefined) {
      const { choosing, measuring } = splitHoldout(inputs.Holdout)
      state.choosing.add(choosing)
      state.measuring.add(measuring)
    }
    if (inputs.Input === undefined) return
    const startedMs = performance.now()
    const challenger = { trained: inputs.Input, model: parseModel(inputs.Input.model_data, inputs.Input.model_id) }
    const verdict = judge(challenger, state.champion, state, settings.min_holdout)
    state.champion = verdict.champion
    if (verdict.approved) state.approved += 1
    else {
      state.rejected += 1
      out.Rejected.send(challenger.trained)
    }
    if (verdict.toPublish !== undefined) out.Approved.send(verdict.toPublish)
    if (verdict.approved) logOnce(describePromotion(verdict.champion.trained))
    const measured = verdict.champion?.trained.performance_metrics
    const gauges: Readonly<Record<string, number>> =
      measured === undefined ? {} : { ...gaugesOf(measured), holdout_samples: measured.samples }
    publishGauges(context, gauges)
    const counts = { models_approved: state.approved, models_rejected: state.rejected }
    out.Metrics.send(makeMetrics(context, { ...gauges, ...counts, processing_time_ms: performance.now() - startedMs }))

    // Models as good as the last one are promoted several times a second while data comes in.
    function logOnce({ score, text }: { score: string; text: string }) {
      if (score === state.lastLogged) return
      state.lastLogged = score
      out.Log.send(text)
    }
  },
})

/** `toPublish` is the champion when it is new or newly measured. */
type Verdict =
  | { approved: true; champion: Champion; toPublish: TrainedModel }
  | { approved: false; champion: Champion | undefined; toPublish: TrainedModel | undefined }

interface HeldOut {
  readonly choosing: SampleStore
  readonly measuring: SampleStore
}

function judge(challenger: Champion, champion: Champion | undefined, heldOut: HeldOut, least: number): Verdict {
  const { choosing, measuring } = heldOut
  const tooFew = choosing.size + measuring.size < least || choosing.size === 0 || measuring.size === 0
  if (tooFew || !isOfForm(challenger.model, choosing.form)) return { approved: false, champion, toPublish: undefined }
  // A champion of another form cannot be compared: what it was good at is not asked any more.
  const rival = champion !== undefined && isOfForm(champion.model, choosing.form) ? champion : undefined
  if (rival === undefined || isBetter(measureOn(choosing, challenger), measureOn(choosing, rival))) {
    const measured = measureOn(measuring, challenger)
    return { approved: true, champion: measured, toPublish: measured.trained }
  }
  const isNews = rival.trained.performance_metrics.samples !== measuring.size
  const measured = measureOn(measuring, rival)
  return { approved: false, champion: measured, toPublish: isNews ? measured.trained : undefined }
}

/** Parts a batch by a fixed rule of its records' ids; records without ids take turns. */
function splitHoldout(data: TrainingData): { choosing: TrainingData; measuring: TrainingData } {
  const ids = data.metadata.record_ids
  const isChoosing = (_row: unknown, index: number) => (ids ? isForChoosing(ids[index] ?? '') : index % 2 === 0)
  const part = (keep: (row: unknown, index: number) => boolean): TrainingData => ({
    features: data.features.filter(keep),
    labels: data.labels.filter(keep),
    metadata: { ...data.metadata, ...(ids && { record_ids: ids.filter(keep) }) },
  })
  return { choosing: part(isChoosing), measuring: part((row, index) => !isChoosing(row, index)) }
}

function measureOn(samples: SampleStore, { trained, model }: Champion): Champion {
  return { model, trained: { ...trained, performance_metrics: measureModel(model, samples.samples(), 'holdout') } }
}

function isBetter({ trained: challenger }: Champion, { trained: champion }: Champion): boolean {
  const gain = scoreOf(challenger.performance_metrics) - scoreOf(champion.performance_metrics)
  return Math.abs(gain) <= rounding ? challenger.training_samples > champion.training_samples : gain > 0
}

function isOfForm({ task, feature_names, preprocessing }: LinearModel, form: SampleForm | undefined): boolean {
  const { scale, offset } = preprocessing
  return (
    form !== undefined &&
    task === form.task &&
    scale === form.transformation.scale &&
    offset === form.transformation.offset &&
    feature_names.join() === form.feature_names.join()
  )
}

function describePromotion({ model_id, performance_metrics, training_samples }: TrainedModel) {
  const score = describeScore(performance_metrics)
  const text = `Promoted model ${shortId(model_id)}: ${score} on ${performance_metrics.samples} held-out samples, trained with ${training_samples}`
  return { score, text }
}
