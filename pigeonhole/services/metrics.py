"""The metrics of a process, in Prometheus's types, names and units."""

from prometheus_client import Counter, Gauge, Histogram

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of latency buckets."""

REQUESTS = Counter(
    "pigeonhole_http_requests",
    "HTTP requests answered, by route, method and status.",
    ["route", "method", "status"],
)
REQUEST_SECONDS = Histogram(
    "pigeonhole_http_request_seconds",
    "Seconds from an HTTP request to the start of its response, by route.",
    ["route"],
    buckets=SECONDS,
)
OPERATIONS = Counter(
    "pigeonhole_graphql_operations",
    "GraphQL operations admitted, by type and first field, over HTTP and websockets.",
    ["type", "field"],
)
ERRORS = Counter(
    "pigeonhole_errors",
    "Errors returned to callers, by code; INTERNAL ones are bugs.",
    ["code"],
)
LOOP_LAG = Histogram(
    "pigeonhole_loop_lag_seconds",
    "Seconds by which the event loop runs a regular timer too late.",
    buckets=(0.001, *SECONDS),
)
WEBSOCKETS = Gauge("pigeonhole_websockets_open", "Websockets open at this server.")
INVOCATIONS = Counter(
    "pigeonhole_invocations",
    "Images classified by invocations, by decision.",
    ["decision"],
)
ENCODER_BATCH = Histogram(
    "pigeonhole_encoder_batch_images",
    "Images embedded together for invocations.",
    buckets=(1, 2, 4, 8, 16, 32, 64),
)
ENCODER_WAITING = Gauge(
    "pigeonhole_encoder_waiting_images", "Images of invocations that wait for the encoder."
)
OWED = Gauge(
    "pigeonhole_functions_owed",
    "Functions that wait for work, by kind: `training` or `embedding`.",
    ["kind"],
)
WORKERS = Gauge("pigeonhole_workers_alive", "Workers with a recent heartbeat.")
JOBS = Gauge("pigeonhole_jobs_queued", "Jobs that are waiting or running, by queue.", ["queue"])
SAMPLES_NOT_EMBEDDED = Gauge(
    "pigeonhole_samples_not_embedded", "Samples whose images wait to be embedded."
)
WEBHOOK_EVENTS_WAITING = Gauge(
    "pigeonhole_webhook_events_waiting",
    "Events that wait to be delivered to enabled webhooks.",
)
WEBHOOK_OLDEST_SECONDS = Gauge(
    "pigeonhole_webhook_oldest_waiting_seconds",
    "Seconds since the oldest of these events happened; 0 if none waits.",
)
