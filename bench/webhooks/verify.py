"""Verifies deliveries with the library of Standard Webhooks itself.

    python3 -m venv venv && venv/bin/pip install standardwebhooks cryptography
    TIEOUT_STANDARDWEBHOOKS=$PWD/venv/bin/python cargo test -p tieout-online --test online standard

Reads a JSON object a line: secret, public_key, headers, body. Each must verify by the library (v1)
and by ed25519 (v1a), and must not once a byte of the body has changed.
"""

import base64
import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks.webhooks import Webhook, WebhookVerificationError


def asymmetric(line, body):
    """Whether one of the v1a signatures is the key's."""
    key = base64.b64decode(line["public_key"].removeprefix("whpk_"))
    public = Ed25519PublicKey.from_public_bytes(key)
    headers = line["headers"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    for one in headers["webhook-signature"].split(" "):
        kind, _, text = one.partition(",")
        if kind != "v1a":
            continue
        try:
            public.verify(base64.b64decode(text), signed)
            return True
        except InvalidSignature:
            continue
    return False


def main():
    """Verifies every line; the exit status says whether all did."""
    verified = refused = 0
    for text in sys.stdin:
        line = json.loads(text)
        library = Webhook(line["secret"])
        event = library.verify(line["body"], line["headers"])
        assert event == json.loads(line["body"])
        assert asymmetric(line, line["body"])
        verified += 1
        forged = line["body"].replace("payment", "Payment", 1)
        assert not asymmetric(line, forged)
        try:
            library.verify(forged, line["headers"])
        except WebhookVerificationError:
            refused += 1
    print(f"verified {verified}, forgeries refused {refused}")


main()
