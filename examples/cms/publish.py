#!/usr/bin/env python3
"""Publishes drafts as a small content management system would: nothing goes out before zhengming has seen it.

usage: publish.py DRAFT... --to FOLDER [--server http://127.0.0.1:8787] [--fix]

Each draft is sent to `zhengming serve`. One that holds errors is kept back, with what is wrong and where; with --fix what
is certain is corrected first, and the corrected file is what is published. When the server cannot be asked, nothing is
published: a gate that opens when it is broken is none. $ZHENGMING_TOKEN is sent where the server wants a token.

Exit codes: 0 all published; 1 something was kept back; 2 the server could not be asked.
Needs nothing but Python.
"""

import argparse
import base64
import json
import os
import pathlib
import sys
import time
import urllib.error
import urllib.request
import uuid

TRIES = 5


def form(path, options):
    """The body of a form with a file and options, and its media type."""
    boundary = uuid.uuid4().hex
    name = path.name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    parts = [
        (f'name="file"; filename="{name}"', path.read_bytes()),
        ('name="options"', json.dumps(options).encode()),
    ]
    body = b"".join(
        f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
        for head, content in parts
    )
    return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def ask(server, route, path, options):
    """What the server says about a draft. A server that is busy is asked again."""
    body, media_type = form(path, options)
    headers = {"Content-Type": media_type}
    if token := os.environ.get("ZHENGMING_TOKEN"):
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(f"{server}/v1/{route}", body, headers)
    for tried in range(1, TRIES + 1):
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                [document] = json.load(answer)["documents"]
                return document
        except urllib.error.HTTPError as error:
            if error.code == 503 and tried < TRIES:
                time.sleep(float(error.headers.get("Retry-After", 1)))
                continue
            try:
                why = json.load(error)["error"]["message"]
            except (ValueError, KeyError):
                why = error.reason
            raise SystemExit(stop(f"{server}: {error.code} {why}")) from error
        except OSError as error:
            raise SystemExit(stop(f"{server}: {error}")) from error


def stop(message):
    print(message, file=sys.stderr)
    return 2


def publish(path, args):
    """Whether the draft went out."""
    document = ask(args.server, "fix" if args.fix else "check", path, {"lang": "zh"})
    wrong = [document["error"]] if document["error"] else []
    for d in document["diagnostics"]:
        if d["severity"] == "error" and not d["suppressed"]:
            wrong.append(f"{d['place']}：{d['message']}")
    # What was not checked is not known to be right; comments and revisions do not belong in what is published.
    wrong += [notice["message"] for notice in document["notices"]]
    if wrong:
        print(f"未发布 {path}")
        for line in wrong:
            print(f"  {line}")
        return False
    content = base64.b64decode(document["output"]["base64"]) if args.fix else path.read_bytes()
    args.to.mkdir(parents=True, exist_ok=True)
    (args.to / path.name).write_bytes(content)
    changed = f"，改正 {document['applied']} 处" if args.fix and document["applied"] else ""
    print(f"已发布 {path}{changed}")
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("drafts", nargs="+", type=pathlib.Path, metavar="DRAFT")
    parser.add_argument("--to", required=True, type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("--server", default="http://127.0.0.1:8787")
    parser.add_argument("--fix", action="store_true")
    args = parser.parse_args()
    published = [publish(path, args) for path in args.drafts]
    return 0 if all(published) else 1


if __name__ == "__main__":
    sys.exit(main())
