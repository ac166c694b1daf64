import { COMPUTE, Google, PROJECT } from './google';

const TOPIC = `pubsub.googleapis.com/v1/projects/${PROJECT}/topics/t`;

describe('the stand-in of Google remembers', () => {
  it('a resource of Compute Engine from its insertion to its deletion, each a done operation', () => {
    const google = new Google();
    const made = google.ask('POST', `${COMPUTE}/global/networks`, {
      body: { name: 'n', autoCreateSubnetworks: false },
    });
    expect(made.body).toMatchObject({ kind: 'compute#operation', status: 'DONE' });
    expect(google.ask('GET', `${COMPUTE}/global/networks/n`).body).toMatchObject({
      name: 'n',
      autoCreateSubnetworks: false,
      selfLink: `https://www.googleapis.com/compute/v1/projects/${PROJECT}/global/networks/n`,
    });
    expect(google.ask('POST', `${COMPUTE}/global/networks`, { body: { name: 'n' } }).status).toBe(409);
    google.ask('DELETE', `${COMPUTE}/global/networks/n`);
    expect(google.ask('GET', `${COMPUTE}/global/networks/n`).status).toBe(404);
  });

  it('a machine is deleted with its own disk, so that one of the same name can be made again', () => {
    const google = new Google();
    const zone = `${COMPUTE}/zones/europe-west1-b`;
    const make = () => google.ask('POST', `${zone}/instances`, { body: { name: 'turn-1' } }).status;
    expect(make()).toBe(200);
    expect(google.ask('GET', `${zone}/disks/turn-1`).status).toBe(200);
    google.ask('DELETE', `${zone}/instances/turn-1`);
    expect(google.ask('GET', `${zone}/disks/turn-1`).status).toBe(404);
    expect(make()).toBe(200);
  });

  it('only the fields of an update mask', () => {
    const google = new Google();
    google.ask('PUT', TOPIC, { body: { labels: { a: '1' }, messageRetentionDuration: '60s' } });
    google.ask('PATCH', TOPIC, {
      body: { topic: { labels: { a: '2' }, messageRetentionDuration: '9s' }, updateMask: 'labels' },
    });
    expect(google.ask('GET', TOPIC).body).toMatchObject({ labels: { a: '2' }, messageRetentionDuration: '60s' });
  });

  it('a policy, and refuses one written over a change that came between', () => {
    const google = new Google();
    google.ask('PUT', TOPIC, {});
    const policy = google.ask('POST', `${TOPIC}:getIamPolicy`).body;
    const write = {
      body: { policy: { ...Object(policy), bindings: [{ role: 'roles/pubsub.publisher', members: ['user:a@b.c'] }] } },
    };
    expect(google.ask('POST', `${TOPIC}:setIamPolicy`, write).status).toBe(200);
    expect(google.ask('POST', `${TOPIC}:setIamPolicy`, write).status).toBe(409);
  });

  it('each version of a secret, and answers the newest', () => {
    const google = new Google();
    const secrets = `secretmanager.googleapis.com/v1/projects/${PROJECT}/secrets`;
    google.ask('POST', secrets, { query: { secretId: 'key' } });
    expect(google.ask('GET', `${secrets}/key/versions/latest:access`).status).toBe(404);
    for (const data of ['MQ==', 'Mg=='])
      google.ask('POST', `${secrets}/key:addVersion`, { body: { payload: { data } } });
    expect(google.ask('GET', `${secrets}/key/versions/latest:access`).body).toMatchObject({
      payload: { data: 'Mg==' },
    });
  });

  it('records of a zone, changed together', () => {
    const google = new Google();
    const zone = `dns.googleapis.com/dns/v1/projects/${PROJECT}/managedZones/z`;
    google.ask('POST', `${zone}/changes`, {
      body: { additions: [{ name: 'a.b.', type: 'A', rrdatas: ['203.0.113.1'] }] },
    });
    const asked = { query: { name: 'a.b.', type: 'A' } };
    expect(google.ask('GET', `${zone}/rrsets`, asked).body).toMatchObject({ rrsets: [{ rrdatas: ['203.0.113.1'] }] });
  });

  it('a collection whose path ends with a slash is listed, as the provider asks for caches of a bucket', () => {
    const google = new Google();
    google.bucket('open');
    expect(google.ask('GET', 'storage.googleapis.com/storage/v1/b/open/anywhereCaches/')).toEqual({
      status: 200,
      body: { items: [] },
    });
  });

  it('no verb it was not taught', () => {
    expect(new Google().ask('POST', `${COMPUTE}/global/networks/n/fly`).status).toBe(501);
  });
});
