/** Required before a child that is not of the local stack: it ends when the stack does, for any reason. */
process.once('disconnect', () => process.exit(0));
process.channel?.unref();
