/** Each way a connection can go wrong, as metrics and logs name it. */
export const REASONS = [
  'proxy_header',
  'version',
  'chunk_stream',
  'chunk_streams',
  'fresh_chunk_stream',
  'header_in_message',
  'extended_timestamp',
  'message_type',
  'message_length',
  'open_bytes',
  'empty_messages',
  'chunk_size',
  'control',
  'command_order',
  'media_before_publish',
  'amf_value',
  'amf_depth',
  'amf_values',
  'amf_keys',
  'amf_string',
  'amf_rate',
  'message_rate',
  'handshake_time',
  'connect_time',
  'publish_time',
  'idle_time',
  'connections_of_address',
  'connections',
  'connects_of_address',
  'no_server',
] as const;
export type Reason = (typeof REASONS)[number];

/** Ends a connection. The message says what was seen and what is allowed; it may hold what the client sent. */
export class GateRefusal extends Error {
  constructor(
    readonly reason: Reason,
    message: string,
  ) {
    super(message);
    this.name = 'Refusal';
  }
}
