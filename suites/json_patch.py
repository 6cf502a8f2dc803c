"""JSON (Merge) Patch through HTTP: json_patch.py COLLECTION_URL SUITE [USER PASSWORD]."""
import base64
import http.client
import json
import sys
from urllib.parse import urlsplit

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"

# RFC 7396 appendix A: original, patch, result.
MERGE_CASES = [
    ('{"a":"b"}', '{"a":"c"}', '{"a":"c"}'),
    ('{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'),
    ('{"a":"b"}', '{"a":null}', '{}'),
    ('{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'),
    ('{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'),
    ('{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'),
    ('{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'),
    ('{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'),
    ('["a","b"]', '["c","d"]', '["c","d"]'),
    ('{"a":"b"}', '["c"]', '["c"]'),
    ('{"a":"foo"}', 'null', 'null'),
    ('{"a":"foo"}', '"bar"', '"bar"'),
    ('{"e":null}', '{"a":1}', '{"e":null,"a":1}'),
    ('[1,2]', '{"a":"b","c":null}', '{"a":"b"}'),
    ('{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'),
]


class Server:
    def __init__(self, collection, login):
        self.url = urlsplit(collection)
        self.fields = {}
        if login:
            token = base64.b64encode(":".join(login).encode()).decode()
            self.fields["Authorization"] = "Basic " + token

    def ask(self, method, name, content=None, media_type=None):
        """Status and content of the answer, on a connection of its own."""
        secure = self.url.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(self.url.hostname, self.url.port, timeout=5)
        fields = dict(self.fields)
        if media_type:
            fields["Content-Type"] = media_type
        try:
            connection.request(method, f"{self.url.path}/{name}", content, fields)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def patches(self, media_type, nothing):
        """Whether PATCH works at all: an error case counts only where it does."""
        self.ask("PUT", "works.json", "{}", "application/json")
        return self.ask("PATCH", "works.json", nothing, media_type)[0] in (200, 204)


def same(a, b):
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


class Score:
    def __init__(self, server):
        self.server, self.passed, self.total = server, 0, 0
        self.works = {
            JSON_PATCH: server.patches(JSON_PATCH, "[]"),
            MERGE_PATCH: server.patches(MERGE_PATCH, "{}"),
        }

    def case(self, name, document, patch, media_type, expected=None, refused=False):
        """PUT the document, PATCH it, and look at what GET gives afterwards."""
        self.total += 1
        try:
            self.server.ask("PUT", "d.json", json.dumps(document), "application/json")
            status, _ = self.server.ask("PATCH", "d.json", json.dumps(patch), media_type)
            now = json.loads(self.server.ask("GET", "d.json")[1])
        except Exception as error:
            print(f"FAIL {name}: {type(error).__name__} {error}"[:150])
            return
        if refused:
            understood = 400 <= status < 500 and status not in (404, 405)
            good = self.works[media_type] and understood and same(now, document)
        else:
            good = status in (200, 204) and same(now, expected)
        self.passed += good
        if not good:
            print(f"FAIL {name}: {status} now={json.dumps(now)[:60]}")


def run(score, suite):
    for file in ("tests.json", "spec_tests.json"):
        with open(f"{suite}/{file}") as cases:
            rows = json.load(cases)
        for number, row in enumerate(rows):
            if row.get("disabled") or "patch" not in row or "doc" not in row:
                continue
            name = f"{file}#{number} {row.get('comment', '')[:50]}"
            expected = row.get("expected", row["doc"])
            score.case(name, row["doc"], row["patch"], JSON_PATCH, expected, "error" in row)
    for number, row in enumerate(MERGE_CASES, 1):
        document, patch, result = map(json.loads, row)
        score.case(f"RFC7396 A{number}", document, patch, MERGE_PATCH, result)
    print(f"JSON_PATCH {score.passed}/{score.total}")


run(Score(Server(sys.argv[1], sys.argv[3:5])), sys.argv[2])
