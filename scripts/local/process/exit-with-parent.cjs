/**
 * Required before a child that knows nothing of the local stack: it ends when the stack does, however that came about.
 */
process.once('disconnect', () => process.exit(0));
process.channel?.unref();
