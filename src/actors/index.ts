import type { ActorDefinition } from '../runtime/index.ts'
import { batch } from './batch.ts'
import { catchActor } from './catch.ts'
import { change } from './change.ts'
import { counter } from './counter.ts'
import { cron } from './cron.ts'
import { csvFormat } from './csv-format.ts'
import { csvParse } from './csv-parse.ts'
import { debounce } from './debounce.ts'
import { debug } from './debug.ts'
import { delay } from './delay.ts'
import { fileRead } from './file-read.ts'
import { fileTail } from './file-tail.ts'
import { fileWatch } from './file-watch.ts'
import { fileWrite } from './file-write.ts'
import { filter } from './filter.ts'
import { generator } from './generator.ts'
import { httpIn } from './http-in.ts'
import { httpRequest } from './http-request.ts'
import { httpResponse } from './http-response.ts'
import { inject } from './inject.ts'
import { join } from './join.ts'
import { jsonFormat } from './json-format.ts'
import { jsonParse } from './json-parse.ts'
import { map } from './map.ts'
import { merge } from './merge.ts'
import { mqttIn } from './mqtt-in.ts'
import { mqttOut } from './mqtt-out.ts'
import { random } from './random.ts'
import { sort } from './sort.ts'
import { split } from './split.ts'
import { status } from './status.ts'
import { switchActor } from './switch.ts'
import { template } from './template.ts'
import { throttle } from './throttle.ts'
import { websocketClient } from './websocket-client.ts'
import { windowStatistics } from './window-statistics.ts'
import { zip } from './zip.ts'
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
  batch,
  catchActor,
  change,
  counter,
  cron,
  csvFormat,
  csvParse,
  debounce,
  debug,
  delay,
  fileRead,
  fileTail,
  fileWatch,
  fileWrite,
  filter,
  generator,
  httpIn,
  httpRequest,
  httpResponse,
  inject,
  join,
  jsonFormat,
  jsonParse,
  map,
  merge,
  mqttIn,
  mqttOut,
  random,
  sort,
  split,
  status,
  switchActor,
  template,
  throttle,
  websocketClient,
  windowStatistics,
  zip,
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
  batch,
  catchActor,
  change,
  counter,
  cron,
  csvFormat,
  csvParse,
  debounce,
  debug,
  delay,
  fileRead,
  fileTail,
  fileWatch,
  fileWrite,
  filter,
  generator,
  httpIn,
  httpRequest,
  httpResponse,
  inject,
  join,
  jsonFormat,
  jsonParse,
  map,
  merge,
  mqttIn,
  mqttOut,
  random,
  sort,
  split,
  status,
  switchActor,
  template,
  throttle,
  websocketClient,
  windowStatistics,
  zip,
  exec,
]
