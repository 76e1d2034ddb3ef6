import { afterEach, expect, test } from 'vitest'
import {
  dataProcessor,
  featureEngineer,
  modelEvaluator,
  modelTrainer,
  predictionService,
  requestSource,
  type Metrics,
  type PredictionRequest,
  type PredictionResponse,
  type ProcessedData,
  type TrainedModel,
  type TrainingData,
} from '../../src/actors/index.ts'
import { isForChoosing, isHeldOut } from '../../src/actors/learning/hold-out.ts'
import { encodeModel } from '../../src/actors/learning/linear-model.ts'
import { createRandomSource } from '../../src/actors/random-source.ts'
import { startRig, type Rig } from './rig.ts'

let rig: Rig | undefined

afterEach(async () => {
  await rig?.stop()
})

const timestamp = '2026-03-01T12:00:00.000Z'

test('the processor transforms features as the tutorial does, and says how', async () => {
  rig = await startRig(dataProcessor, { config: { log_every: 2 }, now: () => Date.parse(timestamp) })
  await rig.send('Input', { id: 'a', timestamp, features: [0.5, 1], metadata: {} })
  const metadata = { label: 1, task: 'classification', feature_names: ['x'] }
  await rig.send('Input', { id: 'b', timestamp, features: [3], metadata })
  await rig.send('Input', { id: 'c', features: 'none' })
  await rig.settled()
  expect(rig.probe('Output').received).toEqual([
    {
      record_id: 'a',
      processed_features: [2, 3],
      quality_score: 0.75,
      processing_timestamp: timestamp,
      task: 'regression',
      transformation: { scale: 2, offset: 1 },
    },
    expect.objectContaining({ record_id: 'b', processed_features: [7], quality_score: 3, ...metadata }),
  ])
  expect(rig.probe('Log').received).toEqual(['Processed data record b with quality score 3.00'])
  expect(rig.probe<Metrics>('Metrics').last.processing_time_ms).toBeGreaterThan(0)
  expect(rig.reasons()).toHaveLength(1)
})

function processed(record_id: string, fields: Partial<ProcessedData> = {}): Record<string, unknown> {
  return { record_id, processed_features: [1, 3], quality_score: 0.5, processing_timestamp: timestamp, ...fields }
}

const idsOf = ({ metadata }: TrainingData) => metadata.record_ids ?? []

test('the engineer batches ten records and keeps the held-out ones apart, ahead of their batch', async () => {
  rig = await startRig(featureEngineer)
  const ids = Array.from({ length: 100 }, (_, index) => `record ${index}`)
  for (const id of ids) await rig.send('Input', processed(id))
  await rig.settled()
  const batches = rig.probe<TrainingData>('Output').received
  const holdouts = rig.probe<TrainingData>('Holdout').received
  const kept = ids.filter((id) => !isHeldOut(id))
  expect(batches.every(({ features, labels }) => features.length === 10 && labels.length === 10)).toBe(true)
  expect(batches.flatMap(idsOf)).toEqual(kept.slice(0, batches.length * 10))
  expect(batches.length).toBe(Math.floor(kept.length / 10))
  expect(holdouts.flatMap(idsOf).every(isHeldOut)).toBe(true)
  expect(batches[0]?.metadata).toMatchObject({ total_samples: 10, feature_count: 2, task: 'regression' })
  expect(rig.probe<string>('Log').received[0]).toBe('Generated training batch with 10 samples')
})

test('the engineer never mixes records of different forms', async () => {
  rig = await startRig(featureEngineer)
  for (const id of ['a', 'b', 'c']) await rig.send('Input', processed(id))
  const label = { label: 1, task: 'classification' as const }
  for (let index = 0; index < 12; index += 1) await rig.send('Input', processed(`late ${index}`, label))
  await rig.settled()
  const [first, second] = rig.probe<TrainingData>('Output').received
  expect(first?.labels.every((value) => value === 0.5)).toBe(true)
  expect(first?.metadata.task).toBe('regression')
  if (second) expect(second.labels.every((value) => value === 1)).toBe(true)
  expect(first?.labels.length).toBeLessThan(4)
})

function trainingData(count: number, seed: number, labelOf: (row: number[]) => number): TrainingData {
  const { next } = createRandomSource(seed)
  const features = Array.from({ length: count }, () => [next(), next()])
  return {
    features,
    labels: features.map(labelOf),
    metadata: {
      total_samples: count,
      feature_count: 2,
      training_timestamp: timestamp,
      data_source: 'test',
      record_ids: features.map((_, index) => `${seed}-${index}`),
      task: 'regression',
      transformation: { scale: 2, offset: 1 },
    },
  }
}

const sum = ([a = 0, b = 0]: number[]) => a + b

test('the trainer waits for enough samples, keeps the newest, and lets others run in between', async () => {
  rig = await startRig(modelTrainer, { config: { max_samples: 50 } })
  const models = rig.probe<TrainedModel>('Output')
  await rig.send('Input', trainingData(8, 1, sum))
  await rig.send('Input', trainingData(8, 2, sum))
  await rig.send('Input', trainingData(60, 3, sum))
  await models.until(2)
  await rig.settled()
  expect(models.received.map(({ training_samples }) => training_samples)).toEqual([16, 50])
  expect(models.last.performance_metrics).toMatchObject({ measured_on: 'training', r2: expect.closeTo(1, 9) })
  expect(rig.gauges()).toMatchObject({ training_samples: 50, r2: expect.closeTo(1, 9) })
  expect(rig.probe<string>('Log').received[1]).toMatch(
    /^Trained model \S+ with R² 1\.00000 on its 50 training samples$/,
  )
})

test('the trainer forgets samples that were transformed in another way', async () => {
  rig = await startRig(modelTrainer)
  const models = rig.probe<TrainedModel>('Output')
  await rig.send('Input', trainingData(30, 1, sum))
  const other = trainingData(20, 2, sum)
  await rig.send('Input', { ...other, metadata: { ...other.metadata, transformation: { scale: 1, offset: 0 } } })
  expect((await models.until(2)).training_samples).toBe(20)
})

test('nothing that cannot be learnt from reaches the trainer', async () => {
  rig = await startRig(featureEngineer, { config: { batch_size: 1 } })
  await rig.send('Input', processed('huge', { processed_features: [1e200, 1] }))
  await rig.send('Input', processed('infinite', { quality_score: Infinity }))
  await rig.send('Input', processed('empty', { processed_features: [] }))
  await rig.send('Input', processed('half wet', { task: 'classification', label: 0.5 }))
  await rig.settled()
  expect(rig.reasons()).toHaveLength(4)
  expect(rig.reasons()[3]).toContain('the label of a classification is 0 or 1')
})

test('the trainer refuses a batch whose rows are not alike', async () => {
  rig = await startRig(modelTrainer)
  const batch = trainingData(10, 1, sum)
  await rig.send('Input', { ...batch, labels: [1] })
  await rig.send('Input', { ...batch, features: batch.features.map((row, index) => (index === 3 ? [1] : row)) })
  await rig.settled()
  expect(rig.reasons()).toEqual([
    expect.stringContaining('as many labels as rows'),
    expect.stringContaining('as long as feature_count'),
  ])
})

function modelOf(model_id: string, weight: number, training_samples: number): TrainedModel {
  return {
    model_id,
    model_data: encodeModel({
      task: 'regression',
      feature_names: ['feature_1', 'feature_2'],
      coefficients: [weight, weight],
      intercept: 0,
      preprocessing: { scale: 2, offset: 1, mean: [0, 0], deviation: [1, 1] },
    }),
    performance_metrics: { task: 'regression', mse: 0, mae: 0, r2: 1, samples: 10, measured_on: 'training' },
    training_timestamp: timestamp,
    training_samples,
  }
}

/** How many of the records of `trainingData(count, seed, …)` measure rather than choose. */
function measuringOf(seed: number, count: number): number {
  return Array.from({ length: count }, (_, index) => `${seed}-${index}`).filter((id) => !isForChoosing(id)).length
}

const idsOfModels = (models: readonly TrainedModel[]) => models.map(({ model_id }) => model_id)

test('the evaluator promotes only what is better on held-out samples, or as good with more data', async () => {
  rig = await startRig(modelEvaluator)
  const approved = rig.probe<TrainedModel>('Approved')
  const rejected = rig.probe<TrainedModel>('Rejected')
  await rig.send('Input', modelOf('too early', 1, 100))
  await rig.send('Holdout', trainingData(40, 5, sum))
  await rig.settled()
  for (const model of [
    modelOf('poor', 0.5, 10),
    modelOf('worse', 0.1, 20),
    modelOf('exact', 1, 20),
    modelOf('exact with as much', 1, 20),
    modelOf('exact with more', 1, 21),
    modelOf('worse with more', 0.9, 500),
  ])
    await rig.send('Input', model)
  await rig.settled()
  expect(idsOfModels(approved.received)).toEqual(['poor', 'exact', 'exact with more'])
  expect(idsOfModels(rejected.received)).toEqual(['too early', 'worse', 'exact with as much', 'worse with more'])
  expect(approved.last.performance_metrics).toEqual({
    task: 'regression',
    mse: 0,
    mae: 0,
    r2: 1,
    samples: measuringOf(5, 40),
    measured_on: 'holdout',
  })
  expect(rig.gauges()).toMatchObject({ r2: 1, holdout_samples: measuringOf(5, 40) })
  // The same score is said once.
  expect(rig.probe<string>('Log').received).toHaveLength(2)
})

test('the evaluator does not measure a model by what it was chosen by', async () => {
  rig = await startRig(modelEvaluator)
  const approved = rig.probe<TrainedModel>('Approved')
  // The labels are such that a model is right on what chooses and wrong on what measures.
  const batch = trainingData(40, 5, sum)
  const ids = batch.metadata.record_ids ?? []
  const labels = batch.labels.map((label, index) => (isForChoosing(ids[index] ?? '') ? label : -label))
  await rig.send('Holdout', { ...batch, labels })
  await rig.settled()
  await rig.send('Input', modelOf('looks exact', 1, 20))
  await rig.settled()
  const { performance_metrics: metrics } = approved.last
  expect(metrics.task === 'regression' && metrics.r2).toBeLessThan(0)
})

test('the evaluator publishes the champion again when it has been measured on more', async () => {
  rig = await startRig(modelEvaluator)
  const approved = rig.probe<TrainedModel>('Approved')
  await rig.send('Holdout', trainingData(20, 5, sum))
  await rig.settled()
  await rig.send('Input', modelOf('good', 1, 20))
  await rig.send('Input', modelOf('bad', 0, 20))
  await rig.settled()
  await rig.send('Holdout', trainingData(20, 6, sum))
  await rig.settled()
  await rig.send('Input', modelOf('bad again', 0, 20))
  await rig.settled()
  expect(approved.received.map(({ model_id, performance_metrics }) => [model_id, performance_metrics.samples])).toEqual(
    [
      ['good', measuringOf(5, 20)],
      ['good', measuringOf(5, 20) + measuringOf(6, 20)],
    ],
  )
})

test('the service answers with the current model, or the one before it when asked to', async () => {
  rig = await startRig(predictionService)
  const responses = rig.probe<PredictionResponse>('PredictionResponse')
  const ask = async (fields: Partial<PredictionRequest>) => {
    await rig?.send('PredictionRequest', { request_id: 'r', features: [1, 2], ...fields })
    await rig?.settled()
    return responses.last
  }
  const update = async (model: TrainedModel) => {
    await rig?.send('ModelUpdate', model)
    await rig?.settled()
  }
  expect(await ask({})).toMatchObject({ request_id: 'r', error: { code: 'NO_MODEL' } })
  await update(modelOf('m1', 1, 10))
  await update(modelOf('m2', 2, 10))
  await update(modelOf('m3', 3, 10))
  await update(modelOf('m3', 3, 10))
  // Raw 1 and 2 are 3 and 5 after the processor's transformation.
  expect(await ask({})).toMatchObject({ prediction: 24, model_version: 'm3', confidence: 1 })
  expect(await ask({ model_version: 'm2' })).toMatchObject({ prediction: 16, model_version: 'm2' })
  expect(await ask({ model_version: null })).toMatchObject({ prediction: 24 })
  expect(await ask({ model_version: 'm1' })).toMatchObject({ error: { code: 'MODEL_UNKNOWN' } })
  expect(await ask({ features: [1] })).toMatchObject({ error: { code: 'FEATURES_INVALID' } })
  expect(responses.last.processing_time_ms).toBeGreaterThan(0)
  expect(await ask({ features: [1e308, 1e308] })).toMatchObject({ error: { code: 'FEATURES_INVALID' } })
  await rig.send('PredictionRequest', { request_id: 'r', features: [1, NaN] })
  await rig.send('ModelUpdate', { ...modelOf('m4', 1, 1), model_data: new Uint8Array([1]) })
  await rig.settled()
  expect(rig.reasons()).toEqual([expect.stringMatching(/features/), expect.stringMatching(/model "m4" is not JSON/)])
  expect(await ask({})).toMatchObject({ model_version: 'm3' })
})

test('the service answers with the likelier class, and how likely it is', async () => {
  rig = await startRig(predictionService)
  const classifier = encodeModel({
    task: 'classification',
    feature_names: ['warm'],
    coefficients: [1],
    intercept: 0,
    preprocessing: { scale: 1, offset: 0, mean: [0], deviation: [1] },
  })
  await rig.send('ModelUpdate', { ...modelOf('m1', 1, 10), model_data: classifier })
  for (const [request_id, feature] of [
    ['warm', Math.log(3)],
    ['cold', -Math.log(4)],
  ] as const)
    await rig.send('PredictionRequest', { request_id, features: [feature] })
  await rig.settled()
  expect(rig.probe('PredictionResponse').received).toMatchObject([
    { request_id: 'warm', prediction: 1, confidence: expect.closeTo(0.75, 9) },
    { request_id: 'cold', prediction: 0, confidence: expect.closeTo(0.8, 9) },
  ])
})

test('the request source asks for random features, the same ones for the same seed', async () => {
  const ask = async () => {
    rig = await startRig(requestSource, { config: { feature_count: 3, seed: 4 } })
    for (let index = 0; index < 3; index += 1) await rig.send('Trigger', true)
    await rig.settled()
    await rig.stop()
    return rig.probe<PredictionRequest>('PredictionRequest').received
  }
  const requests = await ask()
  expect(requests.map(({ features }) => features.length)).toEqual([3, 3, 3])
  expect(new Set(requests.map(({ request_id }) => request_id)).size).toBe(3)
  expect(await ask()).toEqual(requests)
})
