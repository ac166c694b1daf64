import { chatCalls } from '../../../web/chat/chat-calls';
import { Room } from '../../../web/chat/room';
import { chatRig } from '../../support/chat/rig';
import { until } from '../../support/platform/until';
import { STREAM_ID } from '../../support/streams';

describe('the pane on the function that answers the room', () => {
  it('reads what is written, also over the end of an instance, and says why a message is refused', async () => {
    const rig = chatRig();
    await rig.addStream();
    const first = rig.instance();
    let present = first;
    const send: typeof fetch = async (url, init) => present.handler(new Request(`http://function${url}`, init));
    const token = rig.token('ada');
    const leaving = new AbortController();
    const texts: string[] = [];
    const names: (string | undefined)[] = [];
    const room = new Room({
      streamId: STREAM_ID,
      token: () => token,
      send,
      sleep: () => new Promise((resolve) => setTimeout(resolve, 1)),
      signal: leaving.signal,
      sight: Object.assign(new EventTarget(), { hidden: false }),
      onEvent: ({ kind, data }) => {
        if (kind === 'message') texts.push(data.text);
        if (kind === 'room') names.push(data.you?.name);
      },
      onState: () => undefined,
    });
    const running = room.run();
    const calls = chatCalls({ streamId: STREAM_ID, token: () => token, send });
    const says = (wanted: readonly string[]) => until(() => JSON.stringify(texts) === JSON.stringify(wanted));
    await until(() => names.length === 1);
    expect(await calls.post('one', 'id-1')).toBeUndefined();
    await says(['one']);
    expect(await calls.post('at once', 'id-2')).toMatch(/^Wait \d+ s, then send it again\.$/);
    present = rig.instance();
    first.stop();
    await until(() => names.length === 2);
    await rig.clock.advance(2000);
    expect(await calls.post('two', 'id-3')).toBeUndefined();
    await says(['one', 'two']);
    expect(await calls.post('\u0007', 'id-4')).toContain('U+0007');
    expect(names).toEqual(['ada', 'ada']);
    leaving.abort();
    present.stop();
    await running;
  }, 30_000);
});
