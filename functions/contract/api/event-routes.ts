/** Paths of the functions that Pub/Sub and Cloud Scheduler call. */
export const EVENT_ROUTES = {
  relay: { events: '/events', deliveries: '/deliveries', retries: '/retries' },
  guard: { budget: '/budget', runaway: '/runaway' },
} as const;
