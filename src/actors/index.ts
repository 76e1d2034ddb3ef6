import type { ActorDefinition } from '../runtime/index.ts'
import { dashboard } from './dashboard.ts'
import { dataCollector } from './data-collector.ts'
import { dataProcessor } from './data-processor.ts'
import { dataValidator } from './data-validator.ts'
import { distributedLogger } from './distributed-logger.ts'
import { exec } from './exec.ts'
import { featureEngineer } from './feature-engineer.ts'
import { httpFront } from './http-front.ts'
import { interval } from './interval.ts'
import { metricsCollector } from './metrics-collector.ts'
import { modelEvaluator } from './model-evaluator.ts'
import { modelTrainer } from './model-trainer.ts'
import { monitoring } from './monitoring.ts'
import { predictionService } from './prediction-service.ts'
import { requestSource } from './request-source.ts'

export {
  dashboard,
  dataCollector,
  dataProcessor,
  dataValidator,
  distributedLogger,
  exec,
  featureEngineer,
  httpFront,
  interval,
  metricsCollector,
  modelEvaluator,
  modelTrainer,
  monitoring,
  predictionService,
  requestSource,
}
export * from './payloads.ts'

/** The catalogue: every actor that graphs may name without bringing it along. */
export const builtInActors: readonly ActorDefinition[] = [
  interval,
  dataCollector,
  dataValidator,
  dataProcessor,
  featureEngineer,
  modelTrainer,
  modelEvaluator,
  predictionService,
  requestSource,
  httpFront,
  monitoring,
  dashboard,
  distributedLogger,
  metricsCollector,
  exec,
]
