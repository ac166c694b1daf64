import { StreamId } from '../../../../functions/contract/ids';
import { type Cdns, Cdns as CdnsSchema, SteeringManifest } from '../../../../functions/contract/objects/cdns';
import {
  firstCdnOf,
  pathwaysOf,
  steered,
  steeringManifest,
  unsteered,
} from '../../../../functions/core/delivery/steering';
import { parseMultivariant } from '../../../../functions/core/playlist/multivariant';
import { checkPlaylist } from '../../../../scripts/tools/check-hls/rules';

const STREAM = 'abcdefgh01234567';
const two: Cdns = [{ name: 'second', host: 'second.example.net', weight: 30 }];
const three: Cdns = [...two, { name: 'third', host: 'third.example.net', weight: 50 }];
const INDEX = `#EXTM3U
#EXT-X-VERSION:6
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="audio",DEFAULT=YES,AUTOSELECT=YES,URI="/open/p/${STREAM}/b1/audio.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=900000,CODECS="avc1.42c01e,mp4a.40.2",AUDIO="audio"
/open/p/${STREAM}/b1/source.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=400000,AUDIO="audio"
/open/p/${STREAM}/b1/240p.m3u8
`;

const ids = Array.from({ length: 2000 }, (_, index) => StreamId.parse(index.toString(36).padStart(16, 'a0')));

describe('content steering', () => {
  it('leaves an index as it is, byte for byte, where there is one CDN', () => {
    expect(steered(INDEX, STREAM, [])).toBe(INDEX);
    expect(unsteered(INDEX)).toBe(INDEX);
  });

  it('adds the tag and the pathway of each variant, and takes them away again', () => {
    const text = steered(INDEX, STREAM, two);
    expect(text).toContain('\n#EXT-X-CONTENT-STEERING:SERVER-URI="/open/p/steering/');
    expect(text.match(/,PATHWAY-ID="main"\n/g)).toHaveLength(3);
    expect(parseMultivariant(text)).toEqual(parseMultivariant(INDEX));
    expect(unsteered(text)).toBe(INDEX);
    expect(checkPlaylist(text)).toEqual([]);
  });

  it('clones the pathway of the public host to each other CDN', () => {
    const manifest = SteeringManifest.parse(steeringManifest(three, 'second'));
    expect(manifest['PATHWAY-PRIORITY']).toEqual(['second', 'third', 'main']);
    expect(manifest['PATHWAY-CLONES']).toEqual([
      { 'BASE-ID': 'main', ID: 'second', 'URI-REPLACEMENT': { HOST: 'second.example.net' } },
      { 'BASE-ID': 'main', ID: 'third', 'URI-REPLACEMENT': { HOST: 'third.example.net' } },
    ]);
  });

  it('follows the order of an operator, leaves no CDN out, and knows none that went away', () => {
    expect(steeringManifest(three, 'main', ['third', 'gone', 'main'])['PATHWAY-PRIORITY']).toEqual([
      'third',
      'main',
      'second',
    ]);
    expect(pathwaysOf([{ name: 'second', host: 'second.example.net', weight: 50 }])).toEqual(['main', 'second']);
  });

  it('begins on each CDN as many streams as its weight says, and a stream always on the same', () => {
    const counts = new Map<string, number>();
    for (const id of ids) {
      const first = firstCdnOf(id, three);
      expect(firstCdnOf(id, three)).toBe(first);
      counts.set(first, (counts.get(first) ?? 0) + 1);
    }
    for (const [name, share] of [
      ['second', 0.3],
      ['third', 0.5],
      ['main', 0.2],
    ] as const)
      expect(Math.abs((counts.get(name) ?? 0) / ids.length - share)).toBeLessThan(0.05);
  });

  it('begins every stream on the main CDN where no other has a weight', () => {
    const none = three.map((cdn) => ({ ...cdn, weight: 0 }));
    expect(new Set(ids.map((id) => firstCdnOf(id, none)))).toEqual(new Set(['main']));
  });
});

describe('the CDNs of an environment', () => {
  it.each([
    [[{ name: 'main', host: 'a.example.net', weight: 1 }], "must not be 'main'"],
    [[{ name: 'a b', host: 'a.example.net', weight: 1 }], 'use 1-20 of a-z'],
    [[{ name: 'a', host: 'https://a.example.net', weight: 1 }], 'use a host in lower case'],
    [[{ name: 'a', host: 'a.example.net:8443', weight: 1 }], 'without a port'],
    [[{ name: 'a', host: 'a"\nb', weight: 1 }], 'use a host in lower case'],
    [[{ name: 'a', host: 'a.example.net', weight: 101 }], '<=100'],
    [[...two, { ...two[0], name: 'other' }], 'must not stand twice'],
    [[...two, { ...two[0], host: 'other.example.net' }], 'must not stand twice'],
    [[...two, { name: 'a', host: 'a.example.net', weight: 71 }], 'weights add up to 101, at most to 100'],
  ])('%j is refused: %s', (cdns, message) => {
    expect(CdnsSchema.safeParse(cdns).error?.message).toContain(message);
  });
});
