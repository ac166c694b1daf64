import type { Call, GoogleReply } from './call';
import { RehearsalRefusal } from './refusal';
import { create, fail, list, read, remove, replace, update } from './resources';
import type { GoogleRule } from './rule';
import { specialAnswer } from './special';
import type { World } from './world';

/** Google's control plane on this machine: it keeps every change, and refuses the calls that `rules` forbid. */
export class ControlPlane {
  constructor(
    readonly world: World,
    private readonly rules: readonly GoogleRule[],
  ) {}

  answer(call: Call): GoogleReply {
    try {
      const refusal = this.refusalOf(call);
      if (refusal?.options.later === true) return fail(call, this.world, refusal);
      if (refusal !== undefined) throw refusal;
      return specialAnswer(call, this.world) ?? this.ordinary(call);
    } catch (error) {
      if (error instanceof RehearsalRefusal) return { status: error.status, body: error.body() };
      throw error;
    }
  }

  private refusalOf(call: Call): RehearsalRefusal | undefined {
    for (const rule of this.rules) {
      const refusal = rule.check?.(call, this.world);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  private ordinary(call: Call): GoogleReply {
    switch (call.action) {
      case 'create':
        return create(call, this.world);
      case 'read':
        return read(call, this.world);
      case 'list':
        return list(call, this.world);
      case 'update':
        return update(call, this.world);
      case 'replace':
        return replace(call, this.world);
      case 'delete':
        return remove(call, this.world);
      case 'verb':
        throw new RehearsalRefusal(
          501,
          `${call.verb || call.method} ${call.host}/${call.path}: this stand-in does not know it`,
        );
    }
  }
}
