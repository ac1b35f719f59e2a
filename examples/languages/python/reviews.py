#!/usr/bin/env python3
"""Asks a shop for its reviews, as JSON, and brings in what is new or changed.

A program of its own: it speaks frames on its standard input and output, as docs/worker-protocol.md
says, with the standard library alone.
"""
import base64
import collections
import json
import struct
import sys

OK, AGAIN, RATE_LIMITED, UNAVAILABLE, AUTH, CONFIG, INTERNAL = 0, 1, 3, 4, 5, 6, 11


class Failure(Exception):
    """What a call came to, and why: a sentence for the operator."""

    def __init__(self, status, text, retry_after_ms=0):
        super().__init__(text)
        self.answer = {"status": status, "text": text, "retry_after_ms": retry_after_ms}


class Pipe:
    """Frames from and to the host."""

    def __init__(self):
        self.waiting = collections.deque()  # calls that came while an answer was waited for
        self.asked = 0

    def send(self, head, body=b""):
        head = json.dumps(head).encode()
        sys.stdout.buffer.write(struct.pack("<II", len(head), len(body)) + head + body)
        sys.stdout.buffer.flush()

    def read(self):
        sizes = sys.stdin.buffer.read(8)
        if len(sizes) < 8:
            sys.exit(0)  # the host has gone
        head_size, body_size = struct.unpack("<II", sizes)
        head = json.loads(sys.stdin.buffer.read(head_size))
        return head, sys.stdin.buffer.read(body_size)

    def next_call(self):
        while not self.waiting:
            self.take(*self.read())
        return self.waiting.popleft()

    def take(self, head, body):
        if head.get("note") == "ping":
            self.send({"note": "pong"})
        elif head.get("note") == "destroy" or "call" in head:
            self.waiting.append((head, body))

    def ask(self, to, what, body):
        """What the host answers, which is waited for."""
        self.asked += 1
        number = self.asked
        self.send({"ask": number, "to": to, "do": what}, body)
        while True:
            head, body = self.read()
            if head.get("reply") != number:
                self.take(head, body)
            elif "error" in head:
                raise Failure(UNAVAILABLE, head.get("text", "no answer came"))
            else:
                return body


class Reviews:
    """One configured instance."""

    def __init__(self, pipe, name):
        self.pipe, self.name = pipe, name
        self.state = "created"
        self.next = 0  # of a list that is longer than a batch

    def configure(self, head, body):
        self.expect("created", "configured")
        self.state = "created"
        try:
            settings = json.loads(body)
            known = {"url": str, "every_s": int}
            for key, value in settings.items():
                if type(value) is not known.get(key):
                    raise Failure(CONFIG, "/%s does not fit" % key)
            if "url" not in settings:
                raise Failure(CONFIG, "/url is missing")
            self.url, self.every_s = settings["url"], settings.get("every_s", 60)
        except (ValueError, AttributeError) as error:
            raise Failure(CONFIG, "the settings do not fit: %s" % error)
        if not 1 <= self.every_s <= 86400:
            raise Failure(CONFIG, "/every_s is out of range")
        self.state = "configured"

    def start(self, head, body):
        self.expect("configured")
        self.next = 0  # all is read again; what is known already is stored once
        self.state = "runs"
        return {"routes": []}

    def stop(self, head, body):
        if self.state == "runs":
            self.state = "configured"

    def poll(self, head, body):
        self.expect("runs")
        reviews = self.fetch()
        end = min(len(reviews), self.next + head["max_items"])
        batch = {"messages": [], "rejects": []}
        for review in reviews[self.next:end]:
            self.add(review, batch)
        if end < len(reviews):
            self.next, batch["has_more"] = end, True
        else:
            self.next, batch["next_poll_ms"] = 0, self.every_s * 1000
        return batch

    def expect(self, *states):
        if self.state not in states:
            raise Failure(INTERNAL, "a call came out of its order")

    def fetch(self):
        call = json.dumps({"method": "GET", "url": self.url}).encode()
        answer = json.loads(self.pipe.ask(self.name, "http.send", call))
        status = answer.get("status", 0)
        text = "HTTP status %d" % status
        if status == 429:
            raise Failure(RATE_LIMITED, text, int(answer.get("retry_after_ms", 0)))
        if status in (401, 403):
            raise Failure(AUTH, text)
        if not 200 <= status < 300:
            raise Failure(UNAVAILABLE, text)
        try:
            reviews = json.loads(base64.b64decode(answer.get("body", "")))
        except ValueError:
            reviews = None
        if not isinstance(reviews, list):
            raise Failure(UNAVAILABLE, "the shop's answer is no list")
        return reviews

    @staticmethod
    def add(review, batch):
        """A piece that cannot be read is kept with its cause, and spoils no other."""
        try:
            stars, at = float(review["stars"]), int(review["at"])
            if not (isinstance(review["id"], str) and isinstance(review["text"], str)):
                raise ValueError("id and text are texts")
            batch["messages"].append({
                "external_id": review["id"],  # stored once, however often seen
                "kind": "KIND_REVIEW",
                "text": review["text"],
                "rating": {"value": stars, "scale_min": 1, "scale_max": 5},
                "occurred_at_us": str(at * 1000000),
            })
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            payload = base64.b64encode(json.dumps(review).encode()).decode()
            batch["rejects"].append({"cause": repr(error), "payload": payload})


def main():
    pipe, instances = Pipe(), {}
    pipe.send({"hello": 1, "encoding": "json"})
    while True:
        head, body = pipe.next_call()
        name, what = head.get("to"), head.get("do")
        if head.get("note") == "destroy":
            instances.pop(name, None)
            continue
        answer, result = {"status": OK}, None
        try:
            if what == "create":
                instances[name] = Reviews(pipe, name)
                answer["can"] = ["poll"]
            else:
                result = getattr(instances[name], what)(head, body)
        except Failure as failure:
            answer = failure.answer
        except Exception as error:  # a defect of this program is told, and ends nothing
            answer = {"status": INTERNAL, "text": repr(error)}
        if what == "start" and result:
            answer.update(result)
            result = None
        answer["answer"] = head["call"]
        pipe.send(answer, b"" if result is None else json.dumps(result).encode())


if __name__ == "__main__":
    main()
