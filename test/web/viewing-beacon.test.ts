import { pictureOf, ViewingBeacon } from '../../web/watch/viewing-beacon';

type Sent = Parameters<ConstructorParameters<typeof ViewingBeacon>[0]['send']>[0];

/** A player whose state is looked at four times a second; `answers` is what the network does, in turn. */
function playerOf(answers: (number | undefined)[] = []) {
  const sent: Sent[] = [];
  let now = 0;
  let names = 0;
  const beacon = new ViewingBeacon({
    now: () => now,
    random: () => 0.5,
    name: () => {
      names += 1;
      return `viewing${names}`;
    },
    send: async (one) => {
      sent.push(one);
      const nextSeconds = answers.length > 0 ? answers.shift() : 30;
      return nextSeconds === undefined ? undefined : { nextSeconds };
    },
  });
  const during = async (state: Parameters<typeof pictureOf>[0], seconds: number) => {
    for (const end = now + seconds * 1000; now < end; now += 250) {
      beacon.look({ picture: pictureOf(state), way: 'hls' });
      await Promise.resolve();
      await Promise.resolve();
    }
  };
  return { sent, during, beacon };
}

describe('the beacon of a player', () => {
  it('is sent after the first picture, then as often as the service says, with totals', async () => {
    const { sent, during } = playerOf([30, 60]);
    await during('waiting', 100);
    await during('starting', 1.5);
    await during('playing', 120);
    expect(sent.map(({ number, playedSeconds, startupMs }) => [number, playedSeconds, startupMs])).toEqual([
      [1, 2, 1500],
      [2, 32, 1500],
      [3, 92, 1500],
    ]);
  });

  it('counts stalls and how long they were, and not a pause', async () => {
    const { sent, during } = playerOf();
    await during('playing', 20);
    await during('buffering', 5);
    await during('playing', 5);
    await during('paused', 5);
    await during('playing', 20);
    expect(sent.at(-1)).toMatchObject({ number: 2, playedSeconds: 25, stalls: 1, stalledSeconds: 5 });
  });

  it('is sent again soon when it was lost, three times, and then at its time', async () => {
    const { sent, during } = playerOf([undefined, undefined, undefined, undefined, 30]);
    await during('playing', 61);
    expect(sent.map(({ playedSeconds }) => playedSeconds)).toEqual([2, 12, 22, 32]);
    await during('playing', 5);
    expect(sent.at(-1)).toMatchObject({ number: 5, playedSeconds: 62 });
  });

  it('says goodbye to a viewer who paused for ten seconds, and gives the next viewing another name', async () => {
    const { sent, during } = playerOf();
    await during('playing', 10);
    await during('paused', 60);
    await during('playing', 10);
    expect(sent.map(({ viewing, leaving = false }) => [viewing, leaving])).toEqual([
      ['viewing1', false],
      ['viewing1', true],
      ['viewing2', false],
    ]);
  });

  it('says goodbye at the end of the broadcast, and when the page is closed, once', async () => {
    const { sent, during, beacon } = playerOf();
    await during('playing', 10);
    await during('ended', 1);
    beacon.leave();
    expect(sent.filter(({ leaving }) => leaving)).toHaveLength(1);
  });

  it('tells nothing of a page that never had a picture', async () => {
    const { sent, during, beacon } = playerOf();
    await during('starting', 60);
    await during('waiting', 60);
    beacon.leave();
    expect(sent).toEqual([]);
  });
});
