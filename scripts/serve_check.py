#!/usr/bin/env python3
"""`quill serve` under OpenAI's own Python client and under load.

usage: serve_check.py MODEL_FOLDER [QUILL]

Starts the server on a free port with a token file and checks: chat, several samples, stop texts, seeds, log-probabilities, a
stream against the whole answer, usage in a stream, errors as the client's own exceptions; then 500 clients that send and read
slowly while /health is asked (its 99th percentile in ms); then 1,000 requests, 64 at a time, of which none may be lost; a client that
leaves; a stop during an answer. Prints one line a check and one JSON line at the end. Exit code 1 when one fails. Needs PyPI `openai`
(scripts/requirements-serve.txt).
"""

import concurrent.futures
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import openai

SLOW_CLIENTS = 500
HEALTH_MS_MAX = 250
REQUESTS, AT_A_TIME = 1000, 64


class Checks:
    def __init__(self):
        self.failed = []

    def that(self, good, name):
        print(("ok    " if good else "FAILED ") + name, flush=True)
        if not good:
            self.failed.append(name)


def start(quill, model, token_file):
    command = [quill, "serve", "--model", model, "--port", "0", "--name", "tiny", "--token-file", token_file, "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    if not line:
        sys.exit("the server did not start")
    while not line.rstrip().endswith("}"):
        line += process.stdout.readline()
    return process, json.loads(line)["url"]


def refused(call, kind):
    try:
        call()
    except kind:
        return True
    except openai.OpenAIError as error:
        print("  other error:", error)
    return False


def check_client(checks, client, url):
    messages = [{"role": "user", "content": "SELECT name FROM singer"}]

    def ask(**more):
        return client.chat.completions.create(model="tiny", messages=messages, **{"max_tokens": 24, "temperature": 0, **more})

    checks.that([m.id for m in client.models.list()] == ["tiny"], "models.list")
    whole = ask()
    text = whole.choices[0].message.content
    checks.that(whole.usage.completion_tokens <= 24 and whole.choices[0].finish_reason in ("stop", "length"), "chat")
    checks.that(ask().choices[0].message.content == text, "temperature 0 repeats")
    several = ask(n=4, temperature=1, seed=7)
    checks.that([c.index for c in several.choices] == [0, 1, 2, 3], "n")
    again = ask(n=4, temperature=1, seed=7)
    checks.that([c.message.content for c in several.choices] == [c.message.content for c in again.choices], "seed")
    other = ask(n=4, temperature=1, seed=8)
    checks.that([c.message.content for c in several.choices] != [c.message.content for c in other.choices], "another seed")
    probabilities = ask(logprobs=True, top_logprobs=3).choices[0].logprobs.content
    checks.that(all(len(p.top_logprobs) == 3 and p.logprob <= 0 for p in probabilities), "logprobs")
    checks.that(all(abs(p.logprob - p.top_logprobs[0].logprob) < 1e-6 for p in probabilities), "greedy takes the most likely")
    chunks = list(ask(stream=True, stream_options={"include_usage": True}))
    streamed = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    checks.that(streamed == text, "stream says the same")
    checks.that(chunks[-1].usage.completion_tokens == whole.usage.completion_tokens, "usage of a stream")
    if len(text) > 4:
        stop = text[3:5]
        checks.that(ask(stop=stop).choices[0].message.content == text[:text.index(stop)], "stop")
    checks.that(refused(lambda: ask(n=0), openai.BadRequestError), "a bad parameter is a BadRequestError")
    checks.that(refused(lambda: client.chat.completions.create(model="gpt", messages=messages), openai.NotFoundError), "another model")
    stranger = openai.OpenAI(base_url=url, api_key="wrong" * 4, max_retries=0)
    checks.that(refused(lambda: stranger.models.list(), openai.AuthenticationError), "a wrong token")


def slow_client(address, stop):
    """Sends a request a byte a second, and never reads."""
    try:
        with socket.create_connection(address, timeout=30) as link:
            for byte in b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n" + b" " * 10000:
                if stop.wait(1):
                    return
                link.send(bytes([byte]))
    except OSError:
        pass


def health_ms(root):
    begin = time.perf_counter()
    urllib.request.urlopen(root + "/health", timeout=30).read()
    return 1000 * (time.perf_counter() - begin)


def check_slow_clients(checks, root):
    host, port = root.removeprefix("http://").split(":")
    stop = threading.Event()
    clients = [threading.Thread(target=slow_client, args=((host, int(port)), stop), daemon=True) for _ in range(SLOW_CLIENTS)]
    for client in clients:
        client.start()
    time.sleep(2)
    times = sorted(health_ms(root) for _ in range(300))
    stop.set()
    for client in clients:
        client.join()
    p99 = times[int(0.99 * len(times))]
    checks.that(p99 < HEALTH_MS_MAX, f"{SLOW_CLIENTS} slow clients: /health p99 {p99:.1f} ms")
    return p99


def check_many(checks, client):
    def one(number):
        answer = client.chat.completions.create(model="tiny", messages=[{"role": "user", "content": f"question {number}"}], max_tokens=16, temperature=1, seed=number)
        return answer.usage.completion_tokens

    begin = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        tokens = list(pool.map(one, range(REQUESTS)))
    seconds = time.perf_counter() - begin
    checks.that(len(tokens) == REQUESTS and all(tokens), f"{REQUESTS} requests, {AT_A_TIME} at a time: none lost, {seconds:.1f} s, {sum(tokens) / seconds:.0f} tok/s")
    return sum(tokens) / seconds


def metric(root, token, name):
    request = urllib.request.Request(root + "/metrics", headers={"Authorization": "Bearer " + token})
    lines = urllib.request.urlopen(request, timeout=30).read().decode().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name + " "))


def check_departed(checks, client, root, token):
    """A client that goes away: nothing more is written for it."""
    impatient = client.with_options(timeout=0.3)
    call = lambda: impatient.chat.completions.create(model="tiny", messages=[{"role": "user", "content": "x"}], max_tokens=20000, temperature=1, seed=3)
    checks.that(refused(call, openai.APITimeoutError), "an impatient client leaves")
    deadline = time.monotonic() + 3
    while metric(root, token, "quill_answers_running") and time.monotonic() < deadline:
        time.sleep(0.05)
    checks.that(metric(root, token, "quill_answers_running") == 0, "and what was written for it ends")


def check_stop(checks, process, client):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        answer = pool.submit(lambda: client.chat.completions.create(model="tiny", messages=[{"role": "user", "content": "x"}], max_tokens=200, temperature=1, seed=1))
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        checks.that(answer.result().choices[0].finish_reason in ("stop", "length"), "a stop ends what is being written")
    checks.that(process.wait(30) == 0, "and then the server, with 0")


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    quill = sys.argv[2] if len(sys.argv) > 2 else str(Path(__file__).parent.parent / "build/quill")
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder:
        token_file = os.path.join(folder, "token")
        token = secrets.token_hex(16)
        Path(token_file).write_text(token + "\n")
        process, url = start(quill, sys.argv[1], token_file)
        try:
            client = openai.OpenAI(base_url=url, api_key=token, max_retries=0, timeout=120)
            check_client(checks, client, url)
            check_departed(checks, client, url.removesuffix("/v1"), token)
            p99 = check_slow_clients(checks, url.removesuffix("/v1"))
            speed = check_many(checks, client)
            check_stop(checks, process, client)
        finally:
            if process.poll() is None:
                process.kill()
    print(json.dumps({"failed": checks.failed, "health_p99_ms": round(p99, 1), "tokens_per_second": round(speed)}))
    sys.exit(1 if checks.failed else 0)


if __name__ == "__main__":
    main()
