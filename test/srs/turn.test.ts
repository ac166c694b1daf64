import type { Browser, Page } from 'playwright-core';
import { z } from 'zod';
import {
  chromiumPath,
  type Exchanged,
  openWebRtcBrowser,
  playWhep,
  publishWhip,
} from '../../scripts/tools/bench/webrtc-page';
import { coturnMissing } from '../support/network/coturn';
import { namespacesMissing, type TcpOnly, tcpOnly } from '../support/network/tcp-only';
import { realPart } from '../support/platform/real-part';
import { isDecoding, type Scene, SrsPlatform, srsMissing } from '../support/platform/srs-platform';
import { callApi } from '../support/platform/viewer';

/** WebRTC through coturn with the project's own configuration and the API's credentials, on a real SRS. */
const IceServers = z.object({
  iceServers: z.array(z.object({ urls: z.array(z.string()), username: z.string(), credential: z.string() })),
});
const missing = srsMissing() ?? coturnMissing();

realPart('WebRTC through TURN on a real SRS', missing, () => {
  let srs: SrsPlatform;
  beforeAll(async () => {
    srs = await SrsPlatform.start({ TURN_BIN: 'turnserver' });
  }, 180_000);
  afterEach(() => srs?.rest());
  afterAll(() => srs?.end(), 60_000);

  /** Returns the API's ICE servers for a browser; `only`: of these transports. */
  async function iceServers(only = /transport=/): Promise<RTCIceServer[]> {
    const answer = await callApi(srs.platform, '/turn-credentials', { method: 'POST', body: '{}' });
    const given = IceServers.parse(await answer.json()).iceServers;
    return given.map((server) => ({ ...server, urls: server.urls.filter((url) => only.test(url)) }));
  }

  /** Returns the way of the media: the candidate of this side, and the transport to the relay. */
  const wayOf = (page: Page) =>
    page.evaluate(async () => {
      const view: Window & { pc?: RTCPeerConnection } = window;
      const reports = [...((await view.pc?.getStats()) ?? new Map()).values()];
      const transport = reports.find(({ type }) => type === 'transport');
      const pair = reports.find(({ id }) => id === transport?.selectedCandidatePairId);
      const local = reports.find(({ id }) => id === pair?.localCandidateId);
      return [local?.candidateType, local?.relayProtocol];
    });

  it('a browser that may only use a relay over TCP publishes and plays', async () => {
    const live = await srs.scene('relay only');
    const configuration = { iceServers: await iceServers(/transport=tcp$/), iceTransportPolicy: 'relay' as const };
    const { publisher, ...published } = await srs.whip(live, configuration);
    expect(published).toMatchObject({ status: 201, state: 'connected' });
    await live.grows(1, 60);
    const { viewer, ...played } = await srs.whep(live, configuration);
    expect(played).toMatchObject({ status: 201, state: 'connected' });
    await isDecoding(viewer, 25);
    expect([await wayOf(publisher), await wayOf(viewer)]).toEqual([
      ['relay', 'tcp'],
      ['relay', 'tcp'],
    ]);
  }, 120_000);

  it('credentials that are not the API’s relay nothing', async () => {
    const live = await srs.scene('forged');
    const [server] = await iceServers(/transport=tcp$/);
    if (server === undefined) throw new Error('no TURN server');
    const forged = { iceServers: [{ ...server, credential: 'forged' }], iceTransportPolicy: 'relay' as const };
    expect((await srs.whip(live, forged)).state).not.toBe('connected');
  }, 60_000);

  realPart('where nothing passes but TCP', namespacesMissing(), () => {
    let network: TcpOnly;
    let browser: Browser;
    beforeAll(async () => {
      const { edge, turn } = srs.platform.ports;
      network = await tcpOnly(chromiumPath ?? '', [edge, turn]);
      browser = await openWebRtcBrowser(network.launcher);
    }, 60_000);
    afterAll(async () => {
      await browser?.close();
      await network?.close();
    });

    const publish = async ({ ingest, key }: Scene, configuration?: RTCConfiguration) => {
      const page = await srs.page(browser);
      const exchange = { url: ingest.whip.url, bearer: key, ...(configuration && { configuration }) };
      const published: Exchanged = await publishWhip(page, exchange);
      return { page, published };
    };

    it('a browser without a TURN server reaches nobody', async () => {
      const { published } = await publish(await srs.scene('blocked'));
      expect(published).toMatchObject({ status: 201 });
      expect(published.state).not.toBe('connected');
    }, 60_000);

    it('a browser with the servers of the API publishes and plays', async () => {
      const live = await srs.scene('UDP blocked');
      const configuration = { iceServers: await iceServers() };
      const { page, published } = await publish(live, configuration);
      expect(published).toMatchObject({ status: 201, state: 'connected' });
      expect(await wayOf(page)).toEqual(['relay', 'tcp']);
      await live.grows(1, 60);
      const viewer = await srs.page(browser);
      const played = await playWhep(viewer, { url: live.playback.whep, configuration });
      expect(played).toMatchObject({ status: 201, state: 'connected' });
      await isDecoding(viewer, 25);
      expect(await wayOf(viewer)).toEqual(['relay', 'tcp']);
    }, 120_000);
  });
});
