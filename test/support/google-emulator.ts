export * from '../../scripts/bench/google-emulator';
