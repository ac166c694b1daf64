import { MAX_REPORTED_SESSIONS } from '../../../../functions/contract/hooks/srs';
import { judgeReports } from '../../../../functions/core/publish/session-reports';
import { reported, sessionOf } from '../../../support/streams';

const good = reported(sessionOf(1));
const video = { codec: 'H264', width: 640, height: 360, framesPerSecond: 25 };
const media = { video, segmentSeconds: 2 };

describe('reports of sessions', () => {
  it.each([
    ['a frame rate of 0', { media: { ...media, video: { ...video, framesPerSecond: 0 } } }],
    ['a frame rate that is no number', { media: { ...media, video: { ...video, framesPerSecond: Number.NaN } } }],
    [
      'a frame rate without end',
      { media: { ...media, video: { ...video, framesPerSecond: Number.POSITIVE_INFINITY } } },
    ],
    ['a frame rate of a million', { media: { ...media, video: { ...video, framesPerSecond: 1e6 } } }],
    ['a negative width', { media: { ...media, video: { ...video, width: -14 } } }],
    ['a width of four billion', { media: { ...media, video: { ...video, width: 2 ** 32 } } }],
    ['a keyframe interval below nothing', { media: { ...media, video: { ...video, keyframeSeconds: -1 } } }],
    ['a codec as long as a book', { media: { ...media, video: { ...video, codec: 'x'.repeat(1000) } } }],
    ['no sampling rate', { media: { ...media, audio: { codec: 'AAC', samplesPerSecond: 0 } } }],
    ['a bit rate that is no number', { peakBitrateBps: Number.NaN }],
    ['a bit rate beyond every number', { peakBitrateBps: Number.POSITIVE_INFINITY }],
    ['a media report of another kind', { media: 'H264' }],
    ['a rendition that is no name', { renditions: [{ name: '<script>', state: 'made' }] }],
    ['a thousand renditions', { renditions: Array(1000).fill({ name: '480p', state: 'made' }) }],
  ])('with %s lose that, and the session stays', (_what, bad) => {
    const { sessions, leftOut } = judgeReports([{ ...good, ...bad }, good]);
    const [part = ''] = Object.keys(bad);
    expect(sessions[0]).toEqual({ ...good, [part]: undefined, ...(part !== 'media' && { media: good.media }) });
    expect(sessions[1]).toEqual(good);
    expect(leftOut).toEqual([expect.objectContaining({ streamId: good.streamId, sessionId: good.sessionId, part })]);
  });

  it.each([
    ['nothing', undefined],
    ['a list', []],
    ['a session of no stream', { ...good, streamId: '../etc' }],
    ['a count below nothing', { ...good, pendingSegments: -1 }],
  ])('that are %s are left out alone', (_what, bad) => {
    const { sessions, leftOut } = judgeReports([bad, good]);
    expect(sessions).toEqual([good]);
    expect(leftOut).toHaveLength(1);
    expect(leftOut[0]).not.toHaveProperty('part');
  });

  it('of one stream that connects without end fill nobody else’s place', () => {
    const many = Array.from({ length: 3 * MAX_REPORTED_SESSIONS }, (_, n) => ({
      ...good,
      sessionId: `${n + 1}-aaaaaaaa`,
      publishing: n % 2 === 0,
    }));
    const other = { ...good, streamId: 'zzzzzzzzzzzzzzzz', publishing: false };
    const { sessions } = judgeReports([...many, other]);
    expect(sessions).toHaveLength(MAX_REPORTED_SESSIONS);
    expect(sessions).toContainEqual(other);
  });
});
