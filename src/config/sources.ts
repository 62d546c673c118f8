import type { TableSchema } from '../domain/table/schema.js'
import type { WrittenSettings } from './schema.js'

/** Everything that settings are made of. */
export interface Sources {
  /** Parsed options by their kebab-case names. */
  options: Readonly<Record<string, unknown>>
  environment: Readonly<Record<string, string | undefined>>
  written: WrittenSettings
  /** The columns that `schema` names, already read; undefined means the Telco table. */
  table: TableSchema | undefined
  /** Absolute paths of the settings file and of the file with the columns. */
  files: string[]
  /** Folder of the settings file. */
  fileFolder: string
  /** The current folder. */
  folder: string
}
