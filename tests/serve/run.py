#!/usr/bin/env python3
"""`zhengming serve` answers as /openapi.json says, keeps others out, and goes on serving whatever it is sent.

usage: run.py BINARY [NAME...]
       needs jsonschema, prometheus_client and python-docx; exits with 1 when something is wrong

Each check starts servers of its own, at free ports, in new folders.
"""

import base64
import concurrent.futures
import contextlib
import http.client
import io
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.parse
import zipfile

import docx
import jsonschema
from prometheus_client.openmetrics.parser import text_string_to_metric_families

ROOT = pathlib.Path(__file__).resolve().parents[2]
DRAFTS = ROOT / "examples/drafts"
BINARY = None
TOKEN = "0123456789abcdef0123"
BAD = "学习贯彻习总书记的讲话"
GOOD = "学习贯彻习近平总书记的讲话"
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = {k.lower(): v for k, v in response.getheaders()}
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)


class Server:
    """A server in a folder of its own."""

    def __init__(self, *args, files=None, env=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="zhengming-serve-"))
        (self.folder / ".git").mkdir()
        for name, content in (files or {}).items():
            (self.folder / name).write_text(content, encoding="utf-8")
        self.log = tempfile.TemporaryFile()
        environment = {k: v for k, v in os.environ.items() if k != "ZHENGMING_TOKEN"} | (env or {})
        command = [BINARY, "serve", "--addr", "127.0.0.1:0", *args]
        self.process = subprocess.Popen(
            command, cwd=self.folder, stdout=subprocess.PIPE, stderr=self.log, env=environment
        )
        line = self.process.stdout.readline().decode()
        found = re.search(r"http://([0-9.]+):(\d+)/", line)
        assert found, f"{line!r} {self.said()}"
        self.host, self.port = found[1], int(found[2])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()
        shutil.rmtree(self.folder)

    def said(self):
        self.log.seek(0)
        return self.log.read().decode()

    def connect(self):
        return http.client.HTTPConnection(self.host, self.port, timeout=60)

    def ask(self, method, path, body=None, headers=None):
        with contextlib.closing(self.connect()) as connection:
            connection.request(method, path, body, headers or {})
            return Answer(connection.getresponse())

    def get(self, path, **headers):
        return self.ask("GET", path, headers=headers)

    def post(self, path, value, **headers):
        headers = {"Content-Type": "application/json"} | headers
        body = value if isinstance(value, (bytes, str)) else json.dumps(value, ensure_ascii=False)
        body = body.encode() if isinstance(body, str) else body
        return self.ask("POST", path, body, headers)

    def send(self, path, files, options=None, **headers):
        parts = [(f'name="file"; filename="{name}"', content) for name, content in files]
        if options is not None:
            parts.append(('name="options"', json.dumps(options).encode()))
        body = b"".join(
            f"--zm\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n" for head, content in parts
        )
        headers = {"Content-Type": "multipart/form-data; boundary=zm"} | headers
        return self.ask("POST", path, body + b"--zm--\r\n", headers)

    def raw(self, data=b""):
        connection = socket.create_connection((self.host, self.port), timeout=60)
        connection.sendall(data)
        return connection

    def is_well(self):
        answer = self.post("/v1/check", {"text": BAD})
        assert answer.status == 200 and answer.json["summary"]["errors"] == 1, answer.body

    def resident(self):
        """Kilobytes."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])


def head(connection):
    """What comes back over a socket until it ends or falls silent."""
    data = b""
    with contextlib.suppress(TimeoutError, ConnectionResetError):
        while chunk := connection.recv(65536):
            data += chunk
            if b"\r\n\r\n" in data:
                break
    return data.decode("latin-1")


class Description:
    """/openapi.json, to hold answers against."""

    def __init__(self, server):
        self.document = server.get("/openapi.json").json
        self.seen = set()

    def fits(self, method, path, answer, request=None):
        operation = self.document["paths"][path][method.lower()]
        described = operation["responses"].get(str(answer.status))
        assert described, f"{path} does not say {answer.status}"
        self.seen.add((path, method.lower(), str(answer.status)))
        content = described["content"]
        kind = answer.headers["content-type"]
        assert kind in content, f"{path} does not say {kind}"
        if kind == "application/json":
            self.valid(content[kind]["schema"], answer.json)
        for name in described.get("headers", {}):
            assert name.lower() in answer.headers, name
        if request is not None:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            self.valid(schema, request)

    def valid(self, schema, value):
        schema = {**schema, "components": self.document["components"]}
        jsonschema.validate(value, schema, jsonschema.Draft202012Validator, format_checker=jsonschema.FormatChecker())


@check
def every_route_answers_as_its_description_says():
    drafts = [(p.name, p.read_bytes()) for p in sorted(DRAFTS.iterdir())] + [("旧.doc", b"\xd0\xcf\x11\xe0 x")]
    with Server() as server:
        described = Description(server)
        paths = described.document["paths"]
        jsonschema.Draft202012Validator.check_schema({"$defs": described.document["components"]["schemas"]})
        for path in ("/", "/healthz", "/metrics", "/openapi.json", "/v1/rules"):
            described.fits("GET", path, server.get(path))
        rules = server.get("/v1/rules").json
        for kind in ("entries", "patterns", "rules"):
            for rule in rules[kind][:5]:
                for coded in (urllib.parse.quote(rule["rule"], safe=""), urllib.parse.quote(rule["rule"])):
                    answer = server.get(f"/v1/rules/{coded}")
                    described.fits("GET", "/v1/rules/{id}", answer)
                    assert answer.status == 200 and answer.json["rule"] == rule["rule"]
        described.fits("GET", "/v1/rules/{id}", server.get("/v1/rules/no/such"))
        described.fits("GET", "/v1/rules/{id}", server.get("/v1/rules/%ff%fe"))
        for blocks in (False, True):
            for lang in ("zh", "en"):
                options = {"blocks": blocks, "lang": lang, "date": "2026-01-31"}
                for act in ("check", "fix", "annotate"):
                    path = f"/v1/{act}"
                    request = {"text": BAD + "，居民身份证号11010519491231002X", "filename": "甲.md", **options}
                    described.fits("POST", path, server.post(path, request), request)
                    answer = server.send(path, drafts, options)
                    described.fits("POST", path, answer)
                    documents = answer.json["documents"]
                    assert [d["path"] for d in documents] == [name for name, _ in drafts]
                    assert documents[-1]["error"] and not any(d["error"] for d in documents[:-1])
                    assert all(d["date"] == "2026-01-31" and d["date_source"] == "given" for d in documents[:-1])
        formats = described.document["components"]["schemas"]["CheckOptions"]["properties"]["format"]["enum"]
        for name in formats:
            answer = server.send("/v1/check", drafts, {"format": name})
            described.fits("POST", "/v1/check", answer)
            assert answer.status == 200 and answer.body, name
        for path in ("/v1/check", "/v1/fix", "/v1/annotate"):
            described.fits("POST", path, server.post(path, "{"))
            described.fits("POST", path, server.ask("POST", path, b"x", {"Content-Type": "text/plain"}))
            described.fits("POST", path, server.post(path, {"text": "x"}, Host="evil.example"))
            described.fits("POST", path, server.post(path, {"text": "x"}, Origin="http://evil.example"))
        left = {p for p in paths if not any(seen[0] == p for seen in described.seen)}
        assert not left, left


@check
def what_is_found_is_what_the_command_finds():
    with Server() as server:
        for path in sorted(DRAFTS.iterdir()):
            command = subprocess.run(
                [BINARY, "check", "--isolated", "--format", "json", path.name], cwd=DRAFTS, capture_output=True
            )
            want = json.loads(command.stdout)
            got = server.send("/v1/check", [(path.name, path.read_bytes())]).json
            for d in got["documents"][0]["diagnostics"]:
                assert re.fullmatch("[0-9a-f]{64}", d.pop("id"))
            assert got == want, path


@check
def names_and_places_last():
    text = f"第一段。\n\n😀{BAD}，一代一路。\n\n{BAD}"
    with Server() as server:
        plain = server.post("/v1/check", {"text": text}).json["documents"][0]
        full = server.post("/v1/check", {"text": text, "blocks": True, "lang": "en"}).json["documents"][0]
        assert [d["id"] for d in plain["diagnostics"]] == [d["id"] for d in full["diagnostics"]]
        assert "blocks" not in plain and "ranges" not in plain["diagnostics"][0]
        for d in full["diagnostics"]:
            [[start, end]] = d["ranges"]
            assert full["blocks"][d["block"]]["text"][start:end] == d["found"], d
        secret = "张三，居民身份证号11010519491231002X，学习习总书记讲话"
        answer = server.post("/v1/check", {"text": secret, "blocks": True})
        assert b"19491231" not in answer.body
        # The Excel-proof formats and the notice too.
        for name in ("csv", "html", "sarif", "notice"):
            assert b"19491231" not in server.post("/v1/check", {"text": secret, "format": name}).body


@check
def what_is_chosen_is_fixed():
    with Server() as server:
        text = f"{BAD}。{BAD}。一代一路。"
        found = server.post("/v1/check", {"text": text}).json["documents"][0]["diagnostics"]
        first, second, third = [d["id"] for d in found]

        def fix(**options):
            answer = server.post("/v1/fix", {"text": text, **options})
            assert answer.status == 200, answer.body
            document = answer.json["documents"][0]
            output = document["output"]
            assert output["filename"] == "粘贴.txt" and output["media_type"] == "text/plain"
            return base64.b64decode(output["base64"]).decode(), document

        fixed, document = fix()
        assert fixed == f"{GOOD}。{GOOD}。一带一路。" and document["applied"] == 3 and document["diagnostics"] == []
        fixed, document = fix(take=[{"id": second, "suggestion": 0}])
        assert fixed == f"{BAD}。{GOOD}。一代一路。" and document["applied"] == 1 and len(document["diagnostics"]) == 2
        fixed, document = fix(take="safe", ignore=[{"id": third, "reason": "引文"}])
        assert fixed == f"{GOOD}。{GOOD}。一代一路。"
        [left] = document["diagnostics"]
        assert left["suppressed"] == {"by": "config", "reason": "引文"}, left
        assert left["fix"]["applicability"] == "display-only"
        fixed, document = fix(take=[{"id": first, "suggestion": 7}, {"id": "f" * 64}])
        assert fixed == text
        assert document["skipped"] == [
            {"id": first, "reason": "no-suggestion"},
            {"id": "f" * 64, "reason": "unknown"},
        ], document["skipped"]
        ignored = server.post("/v1/check", {"text": text, "ignore": [{"id": first, "reason": "引文"}]}).json
        assert ignored["summary"] == {"documents": 1, "errors": 2, "warnings": 0, "infos": 0, "suppressed": 1}
        gb = (DRAFTS / "notice-gb18030.txt").read_bytes()
        document = server.send("/v1/fix", [("甲.txt", gb)]).json["documents"][0]
        assert "习近平总书记" in base64.b64decode(document["output"]["base64"]).decode("gb18030")
        private = "居民身份证号11010519491231002X"
        for level, want in (("safe", private), ("unsafe", "居民身份证号110105********002X")):
            answer = server.post("/v1/fix", {"text": private, "take": level}).json
            got = base64.b64decode(answer["documents"][0]["output"]["base64"]).decode()
            assert got == want, (level, got)


@check
def word_files_come_back_as_word_files():
    original = (DRAFTS / "notice.docx").read_bytes()
    with Server() as server:
        fixed = server.send("/v1/fix", [("目录/通知.docx", original)]).json["documents"][0]
        assert fixed["output"]["filename"] == "通知.docx"
        document = docx.Document(io.BytesIO(base64.b64decode(fixed["output"]["base64"])))
        assert any("习近平总书记" in p.text for p in document.paragraphs)
        for mode, tracked, commented in (("tracked", True, None), ("comments", False, True), ("both", True, True)):
            options = {"mode": mode, "author": "李编辑"}
            answer = server.send("/v1/annotate", [("通知.docx", original)], options).json["documents"][0]
            assert answer["output"]["filename"] == "通知.annotated.docx" and answer["applied"] > 0, answer
            data = base64.b64decode(answer["output"]["base64"])
            docx.Document(io.BytesIO(data))
            body = zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml").decode()
            assert ("<w:ins " in body) == tracked and ('w:author="李编辑"' in body) == tracked, mode
            if commented is not None:
                assert ("<w:commentReference " in body) == commented, mode
        page = server.post("/v1/annotate", {"text": BAD, "filename": "a.md"}).json["documents"][0]["output"]
        assert page["filename"] == "a.annotated.html" and page["media_type"].startswith("text/html")
        assert "习近平总书记" in base64.b64decode(page["base64"]).decode()


@check
def nobody_else_gets_in():
    with Server() as server:
        port = server.port
        for headers, want in [
            ({}, 200),
            ({"Host": f"localhost:{port}"}, 200),
            ({"Host": f"127.0.0.1:{port}", "Origin": f"http://127.0.0.1:{port}"}, 200),
            ({"Host": f"localhost:{port}", "Origin": f"http://localhost:{port}"}, 200),
            ({"Host": f"evil.example:{port}"}, 421),
            ({"Host": "127.0.0.1"}, 421),
            ({"Host": f"127.0.0.1.evil.example:{port}"}, 421),
            ({"Host": f"127.0.0.1:{port + 1}"}, 421),
            ({"Host": ""}, 421),
            ({"Origin": "http://evil.example"}, 403),
            ({"Origin": "null"}, 403),
            ({"Origin": f"https://127.0.0.1:{port}"}, 403),
            ({"Origin": f"http://localhost:{port}"}, 403),
            ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
            ({"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}, 200),
        ]:
            answer = server.post("/v1/check", {"text": BAD}, **headers)
            assert answer.status == want, (headers, answer.status, answer.body)
            assert "access-control-allow-origin" not in answer.headers
        # Of two that contradict each other none is believed.
        own = f"Host: 127.0.0.1:{port}\r\n"
        for heads, want in [
            (own, b" 200 "),
            (own + "Host: evil.example\r\n", b" 421 "),
            ("Host: evil.example\r\n" + own, b" 421 "),
            (own + f"Origin: http://127.0.0.1:{port}\r\nOrigin: http://evil.example\r\n", b" 403 "),
        ]:
            with contextlib.closing(server.raw(f"GET /healthz HTTP/1.1\r\n{heads}\r\n".encode())) as connection:
                assert want in connection.recv(4096), heads
        # To follow a link to the page is fine; to frame it is not.
        navigated = server.get("/", **{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"})
        assert navigated.status == 200
        for path in ("/", "/assets/app.js", "/healthz", "/nothing"):
            headers = server.get(path).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
            assert headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store"
        page = server.post("/v1/check", {"text": "<script>alert(1)</script>" + BAD, "format": "html"})
        assert "sandbox" in page.headers["content-security-policy"] and b"<script>alert(1)" not in page.body
        for path in ("/assets/../serve.rs", "/assets/..%2f..%2fetc%2fpasswd", "/assets/none.js", "/etc/passwd"):
            assert server.get(path).status == 404, path
        assert server.get("/v1/check").status == 405


@check
def a_token_opens_and_nothing_else_does():
    for args, env in ((["--token", TOKEN], {}), ([], {"ZHENGMING_TOKEN": TOKEN})):
        with Server(*args, env=env) as server:
            described = Description(server)
            for value, want in [
                (f"Bearer {TOKEN}", 200),
                (f"bearer {TOKEN}", 200),
                (f"Bearer {TOKEN}x", 401),
                (f"Bearer {TOKEN[:-1]}", 401),
                (f"Basic {TOKEN}", 401),
                (TOKEN, 401),
                ("Bearer ", 401),
                ("", 401),
            ]:
                answer = server.post("/v1/check", {"text": BAD}, Authorization=value)
                assert answer.status == want, (value, answer.status)
                described.fits("POST", "/v1/check", answer)
                assert server.get("/metrics", Authorization=value).status == want
            assert server.post("/v1/check", {"text": BAD}).headers["www-authenticate"] == "Bearer"
            # A large draft is answered too, so that the page can ask for the token.
            assert server.post("/v1/check", {"text": "字" * 3_000_000}).status == 401
            # A proxy has a name of its own.
            proxied = {"Authorization": f"Bearer {TOKEN}", "Host": "office.example", "Origin": "https://office.example"}
            assert server.post("/v1/check", {"text": BAD}, **proxied).status == 200
            assert server.get("/").status == 200 and server.get("/assets/app.js").status == 200
            assert server.get("/healthz").json == {"status": "ok"}
            assert "lexicon" in server.get("/healthz", Authorization=f"Bearer {TOKEN}").json
            assert TOKEN not in server.said()
    for args, want in [
        (["--addr", "0.0.0.0:0"], "--token"),
        (["--token", "short"], "16"),
        (["--addr", "nonsense"], "127.0.0.1:8787"),
        (["--config", "no.toml"], "no.toml"),
    ]:
        run = subprocess.run([BINARY, "serve", *args], capture_output=True, timeout=30)
        assert run.returncode == 2 and want in run.stderr.decode(), (args, run.stderr.decode())


@check
def what_cannot_be_understood_is_refused_in_words():
    with Server() as server:
        described = Description(server)
        deep = '{"text": ' + "[" * 100_000 + "]" * 100_000 + "}"
        for value, want in [
            ("", "bad_request"),
            ("{", "bad_request"),
            ("[]", "bad_request"),
            (b"\xff\xfe", "bad_request"),
            ({}, "bad_request"),
            ({"text": 1}, "bad_request"),
            ({"text": "x", "txet": "x"}, "bad_request"),
            ({"text": "x", "lang": "fr"}, "bad_request"),
            ({"text": "x", "date": "2026-02-30"}, "bad_request"),
            ({"text": "x", "format": "pdf"}, "bad_request"),
            ({"text": "x", "take": "safe"}, "bad_request"),
            ({"text": "x", "ignore": [{"id": "a", "reason": " "}]}, "bad_request"),
            ({"text": "x", "ignore": [{"id": "a"}]}, "bad_request"),
            ({"text": "x", "filename": "n" * 2000}, "bad_request"),
            (deep, "bad_request"),
        ]:
            for lang in ("zh", "en"):
                answer = server.post("/v1/check", value, **{"Accept-Language": lang})
                described.fits("POST", "/v1/check", answer)
                error = answer.json["error"]
                assert answer.status == 400 and error["code"] == want, (value, error)
                assert bool(re.search("[一-鿿]", re.sub("“[^”]*”", "", error["message"]))) == (lang == "zh"), error
        for path, value in [
            ("/v1/fix", {"text": "x", "take": "all"}),
            ("/v1/fix", {"text": "x", "take": [{"id": "a", "suggestion": -1}]}),
            ("/v1/fix", {"text": "x", "format": "csv"}),
            ("/v1/fix", {"text": "x", "mode": "both"}),
            ("/v1/annotate", {"text": "x", "mode": "all"}),
            ("/v1/annotate", {"text": "x", "author": " "}),
        ]:
            assert server.post(path, value).status == 400, value
        form = {"Content-Type": "multipart/form-data; boundary=zm"}
        for body, headers in [
            (b"", form),
            (b"--zm--\r\n", form),
            (b"nonsense", form),
            (b"--zm\r\n", form),
            (b"--zm\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--zm--\r\n", form),
            (b"--zm\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n--zm--\r\n", form),
            (b"x", {"Content-Type": "multipart/form-data"}),
        ]:
            answer = server.ask("POST", "/v1/check", body, headers)
            assert answer.status == 400, (body, answer.status, answer.body)
        assert server.send("/v1/check", [("a.txt", b"x")], {"text": "x"}).status == 400
        assert server.send("/v1/check", [("a.txt", b"x")] * 101).status == 400
        assert server.send("/v1/check", [("a.txt", b"x")] * 100).status == 200
        assert server.post("/v1/check", {"text": "x", "take": "safe"}).status == 400
        names = ["通知“甲”.txt", "a b;c=d.txt", "../../etc/passwd.txt", "%E7%94%B2.txt", "<img src=x>.txt"]
        answer = server.send("/v1/check", [(name, BAD.encode()) for name in names]).json
        assert [d["path"] for d in answer["documents"]] == names
        assert answer["summary"]["errors"] == len(names)
        server.is_well()


@check
def long_bodies_are_refused_and_the_answer_arrives():
    with Server("--max-body", "1MiB") as server:
        # Announced, and not sent.
        with contextlib.closing(server.raw()) as connection:
            connection.sendall(
                f"POST /v1/check HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: application/json\r\n"
                "Content-Length: 1073741824\r\n\r\n".encode()
            )
            assert " 413 " in head(connection)
        # Announced, and sent: a client that reads only when it has written everything still gets the answer.
        assert server.post("/v1/check", {"text": "字" * 2_000_000}).status == 413
        assert server.send("/v1/check", [("a.txt", b"x" * 3_000_000)]).status == 413
        # Not announced: a gigabyte in chunks.
        before = server.resident()
        megabyte = b"100000\r\n" + b"x" * (1 << 20) + b"\r\n"
        with contextlib.closing(server.raw()) as connection:
            connection.sendall(
                f"POST /v1/check HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: application/json\r\n"
                "Transfer-Encoding: chunked\r\n\r\n".encode()
            )
            with contextlib.suppress(ConnectionError):
                for _ in range(1024):
                    connection.sendall(megabyte)
            assert " 413 " in head(connection)
        assert server.resident() - before < 32_000, "a body that was refused was kept"
        described = Description(server)
        described.fits("POST", "/v1/check", server.post("/v1/check", {"text": "字" * 2_000_000}))
        server.is_well()


@check
def bodies_that_break_off_or_crawl_are_dropped():
    with Server("--timeout", "2") as server:
        start = f"POST /v1/check HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
        for cut in (1, 20, len(start) - 1, len(start)):
            server.raw(start[:cut].encode()).close()
        multipart = start.replace("application/json", "multipart/form-data; boundary=zm").replace("100", "5000")
        part = '--zm\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nabc'
        server.raw((multipart + part).encode()).close()
        server.is_well()
        slow = [server.raw((start + "{").encode()) for _ in range(50)]
        server.is_well()
        began = time.monotonic()
        answers = [head(connection) for connection in slow]
        assert time.monotonic() - began < 20
        assert all(" 408 " in answer for answer in answers), answers[0]
        for connection in slow:
            connection.close()
        # One byte at a time, for longer than a body may take.
        with contextlib.closing(server.raw(start.encode())) as connection:
            with contextlib.suppress(ConnectionError):
                for _ in range(40):
                    connection.sendall(b" ")
                    time.sleep(0.1)
            assert " 408 " in head(connection)
        server.is_well()
        for line in (b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x00\xff" * 20, b"GET /" + b"a" * 200_000, b"\r\n" * 1000):
            server.raw(line).close()
        server.is_well()
        said = server.said()
        assert "panicked" not in said, said


@check
def who_does_not_read_the_answer_is_not_waited_for():
    body = json.dumps({"text": (BAD + "。\n") * 60_000, "blocks": True}, ensure_ascii=False).encode()
    with Server("--timeout", "2") as server:
        ask = (
            f"POST /v1/check HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body
        with contextlib.closing(server.raw(ask)) as connection:
            read_answer(connection, pause=0.0)
        with contextlib.closing(server.raw(ask)) as connection:
            try:
                read_answer(connection, pause=8.0)
            except EOFError:
                pass
            else:
                raise AssertionError("the server waited")
        server.is_well()


def read_answer(connection, pause):
    """Reads the head, waits, and reads the rest."""
    start = b""
    while b"\r\n\r\n" not in start:
        start += connection.recv(100)
    length = int(re.search(rb"content-length: (\d+)", start)[1])
    left = length - (len(start) - start.index(b"\r\n\r\n") - 4)
    time.sleep(pause)
    while left > 0:
        try:
            got = len(connection.recv(1 << 20))
        except ConnectionError:
            got = 0
        if got == 0:
            raise EOFError
        left -= got


@check
def bombs_are_errors_of_their_document():
    def package(entries, deep=1):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in entries:
                archive.writestr(name, content)
        return file.getvalue()

    with zipfile.ZipFile(DRAFTS / "notice.docx") as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    swollen = [(n, c.replace(b"</w:body>", b" " * 900_000_000 + b"</w:body>") if n == "word/document.xml" else c) for n, c in parts]
    bomb = package(swollen)
    del swollen
    nested = [
        (n, c.replace(b"</w:body>", b"<w:p>" * 200_000 + b"</w:p>" * 200_000 + b"</w:body>") if n == "word/document.xml" else c)
        for n, c in parts
    ]
    with Server() as server:
        before = server.resident()
        files = [("弹.docx", bomb), ("深.docx", package(nested)), ("好.txt", BAD.encode()), ("断.docx", bomb[: len(bomb) // 2])]
        answer = server.send("/v1/check", files)
        assert answer.status == 200, answer.body
        documents = answer.json["documents"]
        assert documents[0]["error"] and documents[3]["error"], [d["error"] for d in documents]
        assert len(documents[2]["diagnostics"]) == 1
        assert server.resident() - before < 600_000, "a bomb was unpacked"
        server.is_well()


@check
def too_much_at_once_is_told_at_once():
    text = (BAD + "，" + GOOD + "。\n") * 60_000
    body = json.dumps({"text": text}).encode()
    with Server("--max-requests", "1") as server, concurrent.futures.ThreadPoolExecutor(8) as pool:
        described = Description(server)
        statuses = []
        for _ in range(3):
            heavy = [pool.submit(server.post, "/v1/check", body) for _ in range(4)]
            while not all(h.done() for h in heavy):
                began = time.monotonic()
                answer = server.post("/v1/check", {"text": BAD})
                if answer.status == 503:
                    assert time.monotonic() - began < 5, "the answer was not at once"
                    assert answer.headers["retry-after"] == "1"
                    described.fits("POST", "/v1/check", answer)
                statuses.append(answer.status)
            assert any(h.result().status == 200 for h in heavy)
            server.is_well()
        assert 503 in statuses, "there was no overload"


@check
def drafts_are_in_no_log_and_on_no_disk():
    with Server() as server:
        before = sorted(os.listdir(server.folder))
        secret = f"绝密甲乙丙丁，{BAD}"
        server.post("/v1/check", {"text": secret, "filename": "绝密甲乙丙丁.txt"})
        server.post("/v1/check", {"text": secret, "lang": "绝密甲乙丙丁"})
        server.send("/v1/fix", [("绝密甲乙丙丁.txt", secret.encode())])
        server.get("/" + urllib.parse.quote("绝密甲乙丙丁"))
        time.sleep(0.2)
        said = server.said()
        assert "绝密" not in said and urllib.parse.quote("绝密") not in said, said
        assert re.search(r"POST /v1/check 200 [0-9.]+ms documents=1 diagnostics=1 sha256=[0-9a-f]{12}\n", said), said
        assert re.search(r"GET other 404 ", said), said
        assert sorted(os.listdir(server.folder)) == before
        opened = [os.path.realpath(f"/proc/{server.process.pid}/fd/{n}") for n in os.listdir(f"/proc/{server.process.pid}/fd")]
        assert not [name for name in opened if name.startswith(str(server.folder))], opened
    with Server("--quiet") as server:
        server.is_well()
        assert server.said() == ""


@check
def figures_are_what_prometheus_reads():
    with Server() as server:
        server.is_well()
        server.send("/v1/check", [("a.txt", BAD.encode()), ("b.docx", b"x")])
        server.get("/nothing")
        text = server.get("/metrics").body.decode()
        families = {f.name: f for f in text_string_to_metric_families(text)}

        def value(family, name, **labels):
            samples = [s for s in families[family].samples if s.name == name and labels.items() <= s.labels.items()]
            assert len(samples) == 1, (name, labels, samples)
            return samples[0].value

        assert value("zhengming_requests", "zhengming_requests_total", route="/v1/check", status="200") == 2
        assert value("zhengming_requests", "zhengming_requests_total", route="other", status="404") == 1
        duration = "zhengming_request_duration_seconds"
        assert value(duration, duration + "_count", route="/v1/check") == 2
        assert value("zhengming_documents", "zhengming_documents_total", outcome="read") == 2
        assert value("zhengming_documents", "zhengming_documents_total", outcome="unreadable") == 1
        assert value("zhengming_diagnostics", "zhengming_diagnostics_total", severity="error") == 2
        assert value("zhengming_requests_in_flight", "zhengming_requests_in_flight") == 1
        digest = server.get("/healthz").json["lexicon"]["digest"]
        assert value("zhengming_lexicon", "zhengming_lexicon", digest=digest) == 1


@check
def changed_files_are_loaded_and_broken_ones_are_not():
    pairs = 'category = "office"\n[pairs]\n"{}" = "{}"\n'
    files = {"zhengming.toml": 'lexicons = ["words.toml"]\n', "words.toml": pairs.format("甲办", "甲办公室")}

    def until(holds, what):
        for _ in range(100):
            if holds():
                return
            time.sleep(0.1)
        raise AssertionError(what + "\n" + server.said())

    def finds(text):
        return server.post("/v1/check", {"text": text}).json["summary"]["warnings"]

    with Server(files=files) as server:
        words, config = server.folder / "words.toml", server.folder / "zhengming.toml"
        first = server.get("/healthz").json
        assert finds("请送甲办。") == 1 and finds("请送乙办。") == 0
        words.write_text(pairs.format("乙办", "乙办公室"), encoding="utf-8")
        until(lambda: finds("请送乙办。") == 1, "the new word is not found")
        assert finds("请送甲办。") == 0
        assert server.get("/healthz").json["lexicon"]["digest"] != first["lexicon"]["digest"]
        words.write_text("nonsense", encoding="utf-8")
        until(lambda: server.get("/healthz").json["status"] == "degraded", "the broken lexicon is not told")
        assert "words.toml" in server.get("/healthz").json["problem"]
        assert finds("请送乙办。") == 1
        until(lambda: "words.toml" in server.said(), "standard error says nothing")
        words.unlink()
        time.sleep(3)
        assert finds("请送乙办。") == 1
        words.write_text(pairs.format("丙办", "丙办公室"), encoding="utf-8")
        until(lambda: server.get("/healthz").json["status"] == "ok", "the mended lexicon is not taken")
        assert finds("请送丙办。") == 1
        config.write_text('lexicons = ["other.toml"]\n', encoding="utf-8")
        until(lambda: server.get("/healthz").json["status"] == "degraded", "the broken configuration is not told")
        (server.folder / "other.toml").write_text(pairs.format("丁办", "丁办公室"), encoding="utf-8")
        until(lambda: server.get("/healthz").json["status"] == "ok", "the new file is not taken")
        assert finds("请送丁办。") == 1 and finds("请送丙办。") == 0
        config.unlink()
        until(lambda: finds("请送丁办。") == 0, "the configuration is gone and still holds")
        text = server.get("/metrics").body.decode()
        assert re.search(r'zhengming_lexicon_loads_total\{outcome="refused"\} [1-9]', text), text


@check
def the_configuration_holds_as_for_the_command():
    allow = '[[allow]]\npath = "内部/*"\nrule = "leaders"\nreason = "内部资料"\n'
    with Server(files={"zhengming.toml": 'disable = ["set-phrases"]\n' + allow}) as server:
        files = [("内部/甲.txt", BAD.encode()), ("乙.txt", (BAD + "，一代一路").encode())]
        answer = server.send("/v1/check", files).json
        assert answer["summary"]["errors"] == 1 and answer["summary"]["suppressed"] == 1, answer["summary"]
        assert answer["documents"][0]["diagnostics"][0]["suppressed"]["reason"] == "内部资料"
    with Server("--isolated", files={"zhengming.toml": allow}) as server:
        assert server.send("/v1/check", [("内部/甲.txt", BAD.encode())]).json["summary"]["errors"] == 1
    pairs = 'category = "office"\n[pairs]\n"甲办" = "甲办公室"\n'
    with Server("--no-builtin", "--lexicon", "w.toml", files={"w.toml": pairs}) as server:
        assert server.post("/v1/check", {"text": BAD + "，甲办"}).json["summary"]["warnings"] == 1
        rules = server.get("/v1/rules").json
        assert len(rules["entries"]) == 1 and "rules" not in rules


@check
def it_stops_when_told_and_finishes_what_it_has():
    text = (BAD + "，" + GOOD + "。\n") * 60_000
    for sign in (signal.SIGTERM, signal.SIGINT):
        with Server() as server, concurrent.futures.ThreadPoolExecutor(1) as pool:
            idle = server.raw()
            heavy = pool.submit(server.post, "/v1/check", {"text": text})
            for _ in range(200):
                found = re.search(r"requests_in_flight (\d+)", server.get("/metrics").body.decode())
                if int(found[1]) > 1:
                    break
                time.sleep(0.01)
            server.process.send_signal(sign)
            assert heavy.result().status == 200
            assert server.process.wait(15) == 0
            idle.close()
            try:
                server.raw().close()
                raise AssertionError("it still listens")
            except ConnectionRefusedError:
                pass


@check
def ten_thousand_small_requests():
    body = json.dumps({"text": BAD}).encode()

    def some(n):
        with contextlib.closing(server.connect()) as connection:
            for _ in range(n):
                connection.request("POST", "/v1/check", body, {"Content-Type": "application/json"})
                response = connection.getresponse()
                response.read()
                assert response.status == 200

    with Server("--quiet") as server, concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(some, [1250] * 8))
        # And some that open a connection each.
        for _ in range(500):
            assert server.get("/healthz").status == 200
        server.is_well()


@check
def connections_without_requests_keep_nobody_out():
    with Server() as server:
        idle = [server.raw() for _ in range(900)]
        server.is_well()
        more = [server.raw() for _ in range(300)]
        assert any(" 503 " in head(connection) for connection in more[-20:])
        for connection in idle + more:
            connection.close()
        time.sleep(0.5)
        server.is_well()


@check
def a_cms_asks_before_it_publishes():
    script = ROOT / "examples/cms/publish.py"

    def publish(server, site, *args, env=None):
        command = [sys.executable, script, *args, "--to", site, "--server", server]
        run = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONUTF8": "1"} | (env or {}))
        return run.returncode, run.stdout + run.stderr

    with Server("--token", TOKEN) as server, tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        site, bad, good = folder / "site", folder / "错“稿”.txt", folder / "好稿.txt"
        bad.write_text(BAD, encoding="utf-8")
        good.write_text(GOOD, encoding="utf-8")
        address = f"http://127.0.0.1:{server.port}"
        token = {"ZHENGMING_TOKEN": TOKEN}
        code, said = publish(address, site, bad, good, env=token)
        assert code == 1 and "“习总书记”应为“习近平总书记”" in said, said
        assert [p.name for p in site.iterdir()] == ["好稿.txt"]
        code, said = publish(address, site, bad, "--fix", env=token)
        assert code == 0 and "改正 1 处" in said and (site / bad.name).read_text(encoding="utf-8") == GOOD, said
        shutil.rmtree(site)
        code, said = publish(address, site, good)
        assert code == 2 and "401" in said and not site.exists(), said
        code, said = publish("http://127.0.0.1:9", site, good)
        assert code == 2 and not site.exists(), said
        code, said = publish(address, site, DRAFTS / "notice.md", env=token)
        assert code == 1 and not site.exists(), said


@check
def without_arguments_a_script_gets_the_usage():
    """Whatever its parent is called, unless that is a file manager."""
    with tempfile.TemporaryDirectory() as folder:
        script = 'import subprocess, sys\nsys.exit(subprocess.call([sys.argv[1]]))\n'
        for stdin in (subprocess.DEVNULL, subprocess.PIPE):
            run = subprocess.run([sys.executable, "-c", script, BINARY], stdin=stdin, capture_output=True, timeout=30)
            assert run.returncode == 2, run
        shell = shutil.copy("/bin/sh", pathlib.Path(folder) / "nautilus")
        environment = {**os.environ, "PATH": folder, "DISPLAY": ""}
        clicked = subprocess.Popen(
            [shell, "-c", f'"{BINARY}"; exit $?'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=environment,
        )
        line = clicked.stdout.readline().decode()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
        assert found, line
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=30)) as connection:
            connection.request("GET", "/healthz")
            assert connection.getresponse().status == 200
        children = pathlib.Path(f"/proc/{clicked.pid}/task/{clicked.pid}/children").read_text().split()
        for child in children:
            os.kill(int(child), signal.SIGTERM)
        clicked.wait(15)
        clicked.stdout.close()


def main():
    global BINARY
    BINARY = str(pathlib.Path(sys.argv[1]).resolve())
    names = sys.argv[2:]
    wrong = 0
    for function in CHECKS:
        if names and function.__name__ not in names:
            continue
        began = time.monotonic()
        try:
            function()
            verdict = "ok"
        except Exception:
            traceback.print_exc()
            verdict = "WRONG"
            wrong += 1
        print(f"{verdict:5} {time.monotonic() - began:6.1f} s  {function.__name__}", flush=True)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
