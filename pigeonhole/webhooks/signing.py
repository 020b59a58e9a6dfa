"""Signatures of deliveries, as the specification Standard Webhooks has them.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import secrets

MARK = "whsec_"
"""Prefix of every secret, by which scanners recognize leaked secrets."""


def new_secret() -> str:
    """Return a new secret of 256 bits."""
    return MARK + base64.b64encode(secrets.token_bytes(32)).decode()


def headers_of(secret: str, message_id: str, timestamp_s: int, body: bytes) -> dict[str, str]:
    """Return the headers by which a receiver knows sender, message and time."""
    key = base64.b64decode(secret.removeprefix(MARK))
    content = f"{message_id}.{timestamp_s}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": f"v1,{signature}",
    }
