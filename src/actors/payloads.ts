import * as v from 'valibot'

/**
 * What travels through the example pipeline. Field names are the tutorial's; fields that it does not have are optional, so that
 * its own payloads pass. Instants are ISO 8601 texts.
 */
const instant = v.pipe(v.string(), v.isoTimestamp())
const finiteNumbers = v.array(v.pipe(v.number(), v.finite()))

/** Far beyond this, squares and sums are infinite and nothing can be learnt. */
const largestLearnable = 1e100
const learnable = v.pipe(v.number(), v.minValue(-largestLearnable), v.maxValue(largestLearnable))

/** What a model learns: a class (0 or 1), or a number. */
export const tasks = ['classification', 'regression'] as const
export type Task = (typeof tasks)[number]

/** One raw observation. `metadata` may give `label` (what to learn; else it is the mean of the features), `task` and `feature_names`. */
export const dataRecordSchema = v.object({
  id: v.pipe(v.string(), v.nonEmpty()),
  timestamp: instant,
  features: finiteNumbers,
  metadata: v.looseObject({
    label: v.optional(v.pipe(v.number(), v.finite())),
    task: v.optional(v.picklist(tasks)),
    feature_names: v.optional(v.array(v.string())),
  }),
})
export type DataRecord = v.InferOutput<typeof dataRecordSchema>

/** How raw features became processed ones: `feature * scale + offset`. */
export const transformationSchema = v.object({ scale: v.number(), offset: v.number() })
export type Transformation = v.InferOutput<typeof transformationSchema>

/** What describes every sample of a batch alike; samples that differ in it cannot be learnt from together. */
const sampleFormEntries = {
  task: v.optional(v.picklist(tasks), 'regression'),
  feature_names: v.optional(v.array(v.string())),
  /** The tutorial's processor, unless the data says otherwise. */
  transformation: v.optional(transformationSchema, { scale: 2, offset: 1 }),
}

const classLabelExpected = 'the label of a classification is 0 or 1'

function fitsTask(task: Task, label: number): boolean {
  return task === 'regression' || label === 0 || label === 1
}

/** A record after processing. `label` is what to learn; without one it is `quality_score`, as in the tutorial. */
export const processedDataSchema = v.pipe(
  v.object({
    record_id: v.string(),
    processed_features: v.pipe(v.array(learnable), v.minLength(1)),
    quality_score: learnable,
    processing_timestamp: instant,
    label: v.optional(learnable),
    ...sampleFormEntries,
  }),
  v.check(({ task, label, quality_score }) => fitsTask(task, label ?? quality_score), classLabelExpected),
)
export type ProcessedData = v.InferOutput<typeof processedDataSchema>

/** A batch of samples, to train with or to judge by. */
export const trainingDataSchema = v.pipe(
  v.object({
    features: v.array(v.pipe(v.array(learnable), v.minLength(1))),
    labels: v.array(learnable),
    metadata: v.object({
      total_samples: v.number(),
      feature_count: v.number(),
      training_timestamp: instant,
      data_source: v.string(),
      /** One per sample; a sample that comes again replaces its former self. */
      record_ids: v.optional(v.array(v.string())),
      ...sampleFormEntries,
    }),
  }),
  v.check((batch) => batch.features.length === batch.labels.length, 'as many labels as rows of features are expected'),
  v.check(
    ({ features, metadata }) => features.every((row) => row.length === metadata.feature_count),
    'every row of features must be as long as feature_count says',
  ),
  v.check(
    ({ features, metadata }) => metadata.record_ids === undefined || metadata.record_ids.length === features.length,
    'as many record_ids as rows of features are expected',
  ),
  v.check(({ labels, metadata }) => labels.every((label) => fitsTask(metadata.task, label)), classLabelExpected),
)
export type TrainingData = v.InferOutput<typeof trainingDataSchema>

const measured = {
  /** Samples it was measured on. */
  samples: v.number(),
  /** `holdout`: samples that no model has been trained with. */
  measured_on: v.picklist(['training', 'holdout']),
}

/** How good a model is. A regression has no accuracy, so it does not claim one. */
export const modelMetricsSchema = v.variant('task', [
  v.object({
    task: v.literal('classification'),
    accuracy: v.number(),
    precision: v.number(),
    recall: v.number(),
    f1_score: v.number(),
    ...measured,
  }),
  v.object({ task: v.literal('regression'), mse: v.number(), mae: v.number(), r2: v.number(), ...measured }),
])
export type ModelMetrics = v.InferOutput<typeof modelMetricsSchema>

/** A model on its way to those who use it; `model_data` is the JSON of a `LinearModel`. */
export const trainedModelSchema = v.object({
  model_id: v.string(),
  model_data: v.custom<Uint8Array>((value) => value instanceof Uint8Array, 'bytes are expected'),
  performance_metrics: modelMetricsSchema,
  training_timestamp: instant,
  training_samples: v.number(),
})
export type TrainedModel = v.InferOutput<typeof trainedModelSchema>

/** A request to predict from raw features, as a `DataRecord` has them. */
export const predictionRequestSchema = v.object({
  request_id: v.string(),
  features: finiteNumbers,
  /** The `model_id` to use; the current model when absent. */
  model_version: v.nullish(v.string()),
})
export type PredictionRequest = v.InferOutput<typeof predictionRequestSchema>

/** `NO_MODEL`: none has come yet; `MODEL_UNKNOWN`: not the current nor the previous; `FEATURES_INVALID`: not what the model takes. */
const predictionErrorCodes = ['NO_MODEL', 'MODEL_UNKNOWN', 'FEATURES_INVALID'] as const

const answered = {
  request_id: v.string(),
  /** Milliseconds, with fractions. */
  processing_time_ms: v.number(),
}

const predictionSchema = v.object({
  ...answered,
  /** The number, or the class: 0 or 1. */
  prediction: v.number(),
  /** 0 to 1: the probability of the class, or the share of the labels' spread that held-out errors leave untouched. */
  confidence: v.number(),
  model_version: v.string(),
})

const predictionFailureSchema = v.object({
  ...answered,
  error: v.object({ code: v.picklist(predictionErrorCodes), message: v.string() }),
})
export type PredictionFailure = v.InferOutput<typeof predictionFailureSchema>

/** The answer to a request: a prediction, or an `error` in its place. */
export const predictionResponseSchema = v.union([predictionFailureSchema, predictionSchema])
export type PredictionResponse = v.InferOutput<typeof predictionResponseSchema>

/** What an actor reports of its work; further fields are figures of its own. */
export const metricsSchema = v.looseObject({
  actor: v.string(),
  /** `networkId/instanceId` */
  instance: v.string(),
  timestamp: v.string(),
  error_rate: v.optional(v.number()),
  processing_time_ms: v.optional(v.number()),
})
export type Metrics = v.InferOutput<typeof metricsSchema>

/** Something a person should know about; `cleared` says that it is over. */
export const alertSchema = v.object({
  type: v.picklist(['high_error_rate', 'silent']),
  state: v.picklist(['raised', 'cleared']),
  severity: v.picklist(['info', 'warning']),
  actor: v.string(),
  instance: v.string(),
  timestamp: v.string(),
  message: v.string(),
  error_rate: v.optional(v.number()),
})
export type Alert = v.InferOutput<typeof alertSchema>

/** What monitoring knows of one actor of one instance. Rates are per second, times milliseconds. */
export const sourceReportSchema = v.object({
  actor: v.string(),
  instance: v.string(),
  /** Metrics received since monitoring started. */
  messages: v.number(),
  /** Over the time since the last report. */
  messages_per_second: v.number(),
  /** Over the newest metrics that name a processing time. */
  processing_p50_ms: v.optional(v.number()),
  processing_p95_ms: v.optional(v.number()),
  error_rate: v.optional(v.number()),
  last_message_age_ms: v.number(),
})
export type SourceReport = v.InferOutput<typeof sourceReportSchema>

/** The state of the whole pipeline at one moment. */
export const monitoringReportSchema = v.object({
  timestamp: v.string(),
  sources: v.array(sourceReportSchema),
  alerts: v.array(alertSchema),
})
export type MonitoringReport = v.InferOutput<typeof monitoringReportSchema>
