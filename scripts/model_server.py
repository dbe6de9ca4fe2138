"""A model's server for tests and benches: OpenAI-shaped answers that depend on the request alone.

Answers each chat completion after `delay_s` with the slow query of the prompt and an index or two,
chosen by the request's hash. Keeps a ledger: how often each request was answered in full.
"""
import collections
import hashlib
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

INDEXES = [
    [],
    ["CREATE INDEX i1 ON orders(user_id)"],
    ["CREATE INDEX i2 ON orders(status, amount)"],
    ["CREATE INDEX i3 ON orders(user_id, status)"],
    ["CREATE INDEX i4 ON no_such_table(x)"],
]


def answer_to(request):
    """The same request (its sample index is not in it) may be answered otherwise each time, as by a model:
    `request` holds what tells one answer from the next."""
    prompt = request["messages"][-1]["content"]
    before = re.findall(r"```sql\n(.*?)\n```", prompt, re.DOTALL)[-1]
    pick = int(hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest(), 16)
    return json.dumps({"after": before, "indexes": INDEXES[pick % len(INDEXES)], "type": "indexing",
                       "explanation": "an index for the condition"})


class ModelServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, delay_s=0.0, answer_to=answer_to):
        super().__init__(("127.0.0.1", 0), Handler)
        self.delay_s = delay_s
        self.answer_to = answer_to
        self.lock = threading.Lock()
        self.answered = collections.Counter()  # sha256 of a request -> times answered in full
        self.in_flight = self.in_flight_most = 0
        self.authorizations = set()

    @property
    def base_url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def handle_error(self, request, client_address):
        pass  # a client that was killed


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        server = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with server.lock:
            server.in_flight += 1
            server.in_flight_most = max(server.in_flight_most, server.in_flight)
            server.authorizations.add(self.headers.get("Authorization"))
        try:
            time.sleep(server.delay_s)
            self.answer(json.loads(body))
            with server.lock:
                server.answered[hashlib.sha256(body).hexdigest()] += 1
        finally:
            with server.lock:
                server.in_flight -= 1

    def answer(self, request):
        reply = json.dumps({
            "choices": [{"index": 0, "finish_reason": "stop",
                         "message": {"role": "assistant", "content": self.server.answer_to(request)}}],
            "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100},
        }).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *arguments):
        pass
