import { z } from 'zod'

/** One method of Python: what it is asked with and what it answers. */
export interface Method {
  request: z.ZodType
  answer: z.ZodType
}

/** Names that shapes have as types in Python. */
export const names = z.registry<{ id: string }>()

/** Gives a shape the name of its type in Python. */
export function named<Shape extends z.ZodType>(id: string, shape: Shape): Shape {
  names.add(shape, { id })
  return shape
}
