import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../google/cli-error';

/** A database of Google's Firestore emulator, with the operations of its API on the whole database. */
export interface EmulatorData {
  /** Writes every document to a folder below `folder`, in the format of a managed export. */
  exportTo(folder: string): Promise<void>;
  /** Deletes every document. */
  empty(): Promise<void>;
  importFrom(folder: string): Promise<void>;
}

/** Name of an export below the folder it is written to. */
const EXPORT = 'drill';

/**
 * The database `projects/<project>/databases/<name>` of an emulator at `host`. Each call throws CliError with the
 * emulator's answer. https://firebase.google.com/docs/emulator-suite/connect_firestore
 */
export function emulatorData(host: string, database: string): EmulatorData {
  const [, project = ''] = database.split('/');
  const ask = async (method: string, path: string, body?: Readonly<Record<string, string>>): Promise<void> => {
    const response = await fetch(`http://${host}/emulator/v1/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify({ database, ...body }) }),
    });
    const text = await response.text();
    if (!response.ok) throw new CliError(`the emulator answered ${path} with ${response.status} ${text.slice(0, 200)}`);
  };
  return {
    exportTo: (folder) => ask('POST', `projects/${project}:export`, { export_directory: folder, export_name: EXPORT }),
    empty: () => ask('DELETE', `${database}/documents`),
    importFrom: (folder) => {
      const exported = join(folder, EXPORT);
      const file = readdirSync(exported).find((name) => name.endsWith('.overall_export_metadata'));
      if (file === undefined) throw new CliError(`${exported} holds no export`);
      return ask('POST', `projects/${project}:import`, { export_directory: join(exported, file) });
    },
  };
}
