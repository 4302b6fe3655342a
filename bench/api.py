#!/usr/bin/env python3
"""The API held against its own description, by schemathesis: no server error, nothing undocumented.

    pip install schemathesis openapi-spec-validator
    cargo build --bins -p jobs -p tieout-online
    python3 bench/api.py target/debug [--examples 50]

Starts `tieout-online serve --dev` on a folder of its own, validates /openapi.json (3.1) and
/openapi-3.0.json, and sends what both describe: right, wrong and in sequences. Fails on a server
error, on a status, media type or body that the description does not have, and on a document that is
none. Days of the sandbox are left out: they run every job of a date, and have tests of their own.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import urllib.request

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance"
)
SLOW = "/v1/sandbox/(clock|day)"
PAYMENT = {
    "direction": "credit",
    "amount_cents": 1250,
    "sec": "PPD",
    "description": "PAYOUT",
    "account": {"routing": "091000019", "number": "123456789", "kind": "checking"},
    "name": "RECEIVER ONE",
}


def answered(request):
    with urllib.request.urlopen(request) as answer:
        return answer.read()


def made(url, key):
    """A payment for the paths that name one."""
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/json",
        "Idempotency-Key": "one-to-look-at",
    }
    body = json.dumps(PAYMENT).encode()
    request = urllib.request.Request(f"{url}/v1/payments", body, headers)
    return json.loads(answered(request))["id"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--examples", type=int, default=50)
    asked = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tieout-api-"))
    serve = [asked.programs / "tieout-online", "serve", "--dev", "--listen", "127.0.0.1:0"]
    server = subprocess.Popen(
        [*serve, "--dir", folder / "data"], stdout=subprocess.PIPE, text=True
    )
    failed = 0
    try:
        said = json.loads(server.stdout.readline())
        url, key = said["listening"], said["api_key"]
        config = folder / "schemathesis.toml"
        config.write_text(f'[parameters]\n"path.id" = "{made(url, key)}"\n')
        scripts = pathlib.Path(sys.executable).parent
        for name in ("openapi.json", "openapi-3.0.json"):
            document = folder / name
            document.write_bytes(answered(f"{url}/{name}"))
            failed |= subprocess.call([scripts / "openapi-spec-validator", document])
            run = [scripts / "st", "--config-file", config, "run", document, "--url", url]
            run += ["-H", f"Authorization: Bearer {key}", "--checks", CHECKS]
            run += ["--max-examples", str(asked.examples), "--exclude-path-regex", SLOW]
            failed |= subprocess.call(run)
        if server.poll() is not None:
            sys.exit("the server has ended")
    finally:
        server.terminate()
        server.wait()
    sys.exit(failed)


if __name__ == "__main__":
    main()
