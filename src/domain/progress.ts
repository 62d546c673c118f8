/** One step of long work; `total` 0 means that the length is unknown. */
export interface Progress {
  phase: string
  done: number
  total: number
  text: string
}

export type OnProgress = (progress: Progress) => void
