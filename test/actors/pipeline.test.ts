import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import {
  dataCollector,
  dataProcessor,
  dataValidator,
  featureEngineer,
  modelEvaluator,
  modelTrainer,
  predictionService,
  type PredictionResponse,
  type TrainedModel,
  type TrainingData,
} from '../../src/actors/index.ts'
import { isForChoosing, isHeldOut } from '../../src/actors/learning/hold-out.ts'
import { createRandomSource } from '../../src/actors/random-source.ts'
import { readWeatherDays } from '../../src/actors/weather-days.ts'
import { Network } from '../../src/runtime/index.ts'
import { platform, Probe } from './rig.ts'

const csv = fileURLToPath(new URL('../../resources/examples/ml-pipeline/data/seattle-weather.csv', import.meta.url))

/** The three instances in one network, from the collector to the prediction service, driven as fast as they can. */
async function startPipeline(collector: Record<string, unknown>, validator: Record<string, unknown> = {}) {
  const network = new Network({ platform, freeze: true })
  const probes = {
    batches: new Probe<TrainingData>(),
    heldOut: new Probe<TrainingData>(),
    trained: new Probe<TrainedModel>(),
    approved: new Probe<TrainedModel>(),
    responses: new Probe<PredictionResponse>(),
  }
  const wire = (from: string, to: string) => {
    const [fromNode = '', fromPort = ''] = from.split('.')
    const [toNode = '', toPort = ''] = to.split('.')
    network.addWire({ node: fromNode, port: fromPort }, { node: toNode, port: toPort })
  }
  network.addNode('collector', dataCollector, { metadata: collector })
  network.addNode('validator', dataValidator, { metadata: validator })
  network.addNode('processor', dataProcessor)
  network.addNode('engineer', featureEngineer)
  network.addNode('trainer', modelTrainer)
  network.addNode('evaluator', modelEvaluator)
  network.addNode('service', predictionService)
  for (const [name, { actor }] of Object.entries(probes)) network.addNode(name, actor)
  wire('collector.Output', 'validator.Input')
  wire('validator.Valid', 'processor.Input')
  wire('processor.Output', 'engineer.Input')
  wire('engineer.Output', 'trainer.Input')
  wire('engineer.Holdout', 'evaluator.Holdout')
  wire('trainer.Output', 'evaluator.Input')
  wire('evaluator.Approved', 'service.ModelUpdate')
  wire('engineer.Output', 'batches.Input')
  wire('engineer.Holdout', 'heldOut.Input')
  wire('trainer.Output', 'trained.Input')
  wire('evaluator.Approved', 'approved.Input')
  wire('service.PredictionResponse', 'responses.Input')
  await network.start()
  const gauges = (node: string) => network.snapshot().nodes.find(({ id }) => id === node)?.gauges ?? {}
  return {
    network,
    probes,
    gauges,
    async collect(count: number) {
      for (let index = 0; index < count; index += 1) await network.send('collector', 'Trigger', true)
    },
    async predict(features: number[]): Promise<PredictionResponse> {
      const request_id = `request ${probes.responses.received.length}`
      await network.send('service', 'PredictionRequest', { request_id, features })
      return probes.responses.until((response) => response.request_id === request_id)
    },
  }
}

test('learns the mean of ten random features, as good as exactly', async () => {
  const { network, probes, collect, predict, gauges } = await startPipeline({ seed: 17 })
  expect(await predict([1, 2, 3])).toMatchObject({ error: { code: 'NO_MODEL' } })
  await collect(600)
  await probes.approved.until(({ training_samples }) => training_samples > 400)
  const { performance_metrics: metrics } = probes.approved.last
  expect(metrics).toMatchObject({ task: 'regression', measured_on: 'holdout' })
  expect(metrics.task === 'regression' && metrics.r2).toBeGreaterThan(0.9999)
  expect(gauges('evaluator')['r2']).toBeGreaterThan(0.9999)
  const { next } = createRandomSource(99)
  for (let index = 0; index < 20; index += 1) {
    const features = Array.from({ length: 10 }, next)
    const response = await predict(features)
    const mean = features.reduce((sum, feature) => sum + feature, 0) / 10
    expect('prediction' in response && Math.abs(response.prediction - mean)).toBeLessThan(0.01)
    expect(response).toMatchObject({ confidence: expect.closeTo(1, 3) })
  }
  await network.stop()
})

test('learns to tell wet days from dry ones, and is judged by days it never saw', async () => {
  const { network, probes, collect, predict, gauges } = await startPipeline(
    { source: 'weather', file: csv },
    { feature_count: 5 },
  )
  const days = await readWeatherDays(csv)
  const heldOut = days.filter(({ date }) => isHeldOut(date))
  // What chose the model does not measure it.
  const measured = heldOut.filter(({ date }) => !isForChoosing(date))
  // Once through all days, and well into the second pass.
  await collect(days.length + 300)
  await probes.batches.until(({ metadata }) => metadata.record_ids?.some((id) => id.endsWith('#2')) === true)
  await probes.trained.until((model) => model.training_samples === days.length - heldOut.length)
  await probes.approved.until(({ performance_metrics: { samples } }) => samples === measured.length)

  const trainedWith = probes.batches.received.flatMap(({ metadata }) => metadata.record_ids ?? [])
  expect(trainedWith.some(isHeldOut)).toBe(false)
  const judgedBy = probes.heldOut.received.flatMap(({ metadata }) => metadata.record_ids ?? [])
  expect(judgedBy.every(isHeldOut)).toBe(true)
  expect(probes.batches.received.every(({ labels }) => labels.length === 10)).toBe(true)

  const { performance_metrics: metrics } = probes.approved.last
  expect(metrics).toMatchObject({ task: 'classification', measured_on: 'holdout', samples: measured.length })
  expect(metrics.task === 'classification' && metrics.accuracy).toBeGreaterThan(0.72)
  expect(gauges('evaluator')['accuracy']).toBeGreaterThan(0.72)

  // The service, given raw days, comes to the same accuracy as the evaluator with processed ones.
  let right = 0
  for (const day of measured) {
    const answer = await predict([...day.features])
    if ('prediction' in answer && answer.prediction === day.wet) right += 1
  }
  expect(right / measured.length).toBeCloseTo(metrics.task === 'classification' ? metrics.accuracy : NaN, 10)
  await network.stop()
})
