import { writeFile } from 'node:fs/promises';
import { type LocalTurn, localTurnConf } from '../turn/turn-conf';
import type { Compose } from './compose';
import { ComposeService } from './compose-service';

export interface TurnOptions extends LocalTurn {
  readonly compose: Compose;
  /** `TURN_CONF` of the Compose file. */
  readonly file: string;
}

/** coturn in its container. */
export function composeTurn({ compose, file, ...turn }: TurnOptions): ComposeService {
  return new ComposeService({
    compose,
    service: 'turn',
    port: turn.ports.turn,
    // The container has another user; the folder around the file is readable by this user alone.
    prepare: () => writeFile(file, localTurnConf(turn), { mode: 0o644 }),
  });
}
