import * as v from 'valibot'
import { HttpProblem } from './problem.ts'

const missing = '"features" is missing; send {"features": [..numbers..]}'
const number = v.pipe(v.number(), v.finite())
const text = '"request_id" is not a text of 1 to 200 characters'

const bodySchema = v.object(
  {
    features: v.pipe(
      v.array(number, '"features" is not a list of numbers'),
      v.minLength(1, '"features" is empty; give at least one number'),
    ),
    model_version: v.nullish(v.string('"model_version" is not a text')),
    request_id: v.optional(v.pipe(v.string(text), v.minLength(1, text), v.maxLength(200, text))),
  },
  missing,
)

/** Reads the body of `POST /predict`. Throws an `HttpProblem` that names the field. */
export function parsePredictionBody(body: unknown): v.InferOutput<typeof bodySchema> {
  // The schema library takes lists for objects.
  const parsed = v.safeParse(bodySchema, Array.isArray(body) ? {} : body)
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  const index = issue.path?.[1]?.key
  const message = index === undefined ? issue.message : `features[${String(index)}] is not a finite number`
  throw new HttpProblem(400, 'BODY_INVALID', message, { field: v.getDotPath(issue) ?? 'features' })
}
