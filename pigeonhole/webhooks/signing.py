"""Signatures of deliveries, as the specification Standard Webhooks has them.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import secrets as random_secrets
from collections.abc import Sequence
from datetime import datetime

from pigeonhole.tables import Webhook

MARK = "whsec_"
"""Prefix of every secret, by which scanners recognize leaked secrets."""


def new_secret() -> str:
    """Return a new secret of 256 bits."""
    return MARK + base64.b64encode(random_secrets.token_bytes(32)).decode()


def overlaps(webhook: Webhook, at: datetime) -> bool:
    """Return whether the replaced secret of a webhook still signs at a time."""
    until = webhook.previous_secret_until
    return until is not None and at < until


def secrets_of(webhook: Webhook, at: datetime) -> list[str]:
    """Return the secrets that sign what is sent at a time, the present one first."""
    if webhook.previous_secret is not None and overlaps(webhook, at):
        return [webhook.secret, webhook.previous_secret]
    return [webhook.secret]


def headers_of(
    secrets: Sequence[str], message_id: str, timestamp_s: int, body: bytes
) -> dict[str, str]:
    """Return the headers by which a receiver knows sender, message and time.

    Each secret signs. A receiver accepts a message if one of the signatures is right, so it can
    change its secret at any time while two of them sign.
    """
    content = f"{message_id}.{timestamp_s}.".encode() + body
    signatures = (_signature(secret, content) for secret in secrets)
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": " ".join(signatures),
    }


def _signature(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(MARK))
    return f"v1,{base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()}"
