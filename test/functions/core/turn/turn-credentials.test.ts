import { CreateTurnCredentials, TurnCredentials, TurnSecret, TurnUrls } from '../../../../functions/contract/turn';
import { turnPassword } from '../../../../functions/core/signing/hmac';
import { turnCredentials } from '../../../../functions/core/turn/turn-credentials';

const NOW = 1_800_000_000_700;
const URLS = [
  'turn:turn-1.example.com:3478?transport=udp',
  'turn:turn-1.example.com:443?transport=tcp',
  'turns:turn-1.example.com:5349',
];
const SECRET = 'a-secret-of-the-servers';
const make = (more: object = {}) =>
  turnCredentials({ urls: URLS, secret: SECRET }, { user: 'customer-1', lifetimeSeconds: 600, nowMs: NOW, ...more });

describe('TURN credentials', () => {
  it('are what a browser and coturn take, and expire by themselves', () => {
    const answer = TurnCredentials.parse(make());
    const [server] = answer.iceServers;
    expect(server?.urls).toEqual(URLS);
    expect(server?.username).toMatch(/^1800000600:[0-9a-f]{20}$/);
    expect(server?.credential).toBe(turnPassword(server?.username ?? '', SECRET));
    expect(answer.expiresAt).toBe('2027-01-15T08:10:00.000Z');
  });

  it('are of one user each, whose name they do not show', () => {
    const [one, again, other] = ['customer-1', 'customer-1', 'customer-2'].map((user) => make({ user }).iceServers[0]);
    expect(one).toEqual(again);
    expect(one?.username).not.toBe(other?.username);
    expect(JSON.stringify(make())).not.toMatch(/customer|a-secret/);
  });

  it('are not to be had without servers', () => {
    const ask = () => turnCredentials({ urls: [], secret: SECRET }, { user: 'u', lifetimeSeconds: 60, nowMs: NOW });
    expect(ask).toThrow('this environment has no TURN servers');
  });

  it.each([59, 3601, 1.5, '600'])('cannot be asked for with a lifetime of %j', (lifetimeSeconds) => {
    expect(CreateTurnCredentials.safeParse({ lifetimeSeconds }).success).toBe(false);
  });
});

describe('the list of TURN servers', () => {
  it('is a JSON list of turn: URLs', () => {
    expect(TurnUrls.parse(JSON.stringify(URLS))).toEqual(URLS);
    expect(TurnUrls.parse('[]')).toEqual([]);
  });

  it.each(['', 'turn:a', '["stun:a.example"]', '["turn:"]', '["turn:a.example?transport=sctp"]', '["turn:a b"]'])(
    'is not %j',
    (text) => expect(TurnUrls.safeParse(text).success).toBe(false),
  );

  it('has a secret whose first line signs', () => {
    expect(TurnSecret.parse(`\n${SECRET}\nan-older-secret-of-them\n`)).toBe(SECRET);
  });

  it.each(['', '\n', 'short', `${'x'.repeat(20)} y`])('takes no secret like %j, and does not repeat it', (text) => {
    const { error } = TurnSecret.safeParse(text);
    expect(error?.message).toContain('16-256 printable');
    if (text.trim() !== '') expect(error?.message).not.toContain(text.trim());
  });
});
