"""Calls with progress and streams of bytes, as docs/protocol.md describes them.

    streams_by_hand.py URL QUEUE progress NAME        prints how many values came, the last one, and the result
    streams_by_hand.py URL QUEUE download NAME        prints how many bytes came, and their SHA-256
    streams_by_hand.py URL QUEUE upload NAME LENGTH   sends so many bytes, prints their SHA-256 and the result
"""

import hashlib
import json
import secrets
import sys

import pika

WINDOW = 20_000
PIECE = 5_000
MESSAGE = 256  # what a message counts besides its body

connection = pika.BlockingConnection(pika.URLParameters(sys.argv[1]))
channel = connection.channel()
channel.confirm_delivery()
callbacks = "rpc.cb." + secrets.token_hex(8)
channel.queue_declare(callbacks, exclusive=True)


class Incoming:
    """The receiving side of one stream: checks the order, and grants more when half of the window was consumed."""

    def __init__(self, kind):
        self.kind, self.next, self.consumed, self.granted = kind, 0, 0, WINDOW

    def take(self, call, properties, body, count):
        if int(properties.message_id) != self.next:
            raise RuntimeError(f"{properties.message_id} came where {self.next} was expected")
        self.next += count
        self.consumed += len(body) + MESSAGE
        if properties.type.startswith("item") and self.consumed + WINDOW - self.granted >= WINDOW / 2:
            self.granted = self.consumed + WINDOW
            call.say("grant" + self.kind, {"bytes": self.granted})


class Call:
    """A call whose request and further messages go through the queue for streams."""

    def __init__(self, service, method, arguments):
        self.id, self.server, self.sent = secrets.token_hex(8), None, 0
        channel.basic_publish("", service, json.dumps(arguments), mandatory=True, properties=pika.BasicProperties(
            content_type=f"application/json;window={WINDOW};beat=5000", delivery_mode=1, type=method, correlation_id=self.id,
            reply_to=callbacks, expiration="30000"))

    def say(self, type, body=None, message_id=None):
        octets = isinstance(body, bytes)
        content_type = None if body is None or body == b"" else "application/octet-stream" if octets else "application/json"
        channel.basic_publish("", self.server, body if octets else b"" if body is None else json.dumps(body), mandatory=True,
            properties=pika.BasicProperties(
                type=type, correlation_id=None if type == "beat" else self.id, reply_to=callbacks, delivery_mode=1,
                content_type=content_type, message_id=message_id))
        if type != "beat":
            self.sent += 1

    def messages(self):
        """What comes, until the caller leaves the loop."""
        try:
            for _, properties, body in channel.consume(callbacks, auto_ack=True, inactivity_timeout=5):
                if properties is None:  # nothing for 5 seconds: say that this side is alive
                    if self.server:
                        self.say("beat", {"every": 5000, "calls": [[self.id, self.sent]]})
                elif properties.type != "beat" and properties.correlation_id == self.id:
                    self.server = properties.reply_to or self.server
                    if properties.type == "fault":
                        raise RuntimeError(body.decode())
                    yield properties, body
        finally:
            channel.cancel()


def progress(service, name):
    values = Incoming(":progress")
    call, last = Call(service, "Run", {"name": name}), None
    for properties, body in call.messages():
        if properties.type in ("item:progress", "end:progress"):
            items = json.loads(body) if body else []
            values.take(call, properties, body, len(items))
            last = items[-1] if items else last
        elif properties.type is None:
            print(values.next, last, json.loads(body))
            return


def download(service, name):
    content, digest = Incoming(""), hashlib.sha256()
    call = Call(service, "Download", {"name": name})
    for properties, body in call.messages():
        if properties.type in ("item", "end"):
            digest.update(body)
            content.take(call, properties, body, len(body))
            if properties.type == "end":
                print(content.next, digest.hexdigest())
                return


def upload(service, name, length):
    content = bytes(n * n % 251 for n in range(int(length)))
    offset = used = granted = 0
    is_over = False
    call = Call(service, "Upload", {"name": name})
    for properties, body in call.messages():
        if properties.type is None:
            print(hashlib.sha256(content).hexdigest(), json.loads(body))
            return
        if properties.type == "cancel:content":
            is_over = True
        if properties.type == "grant:content":
            granted = max(granted, json.loads(body)["bytes"])
        while used < granted and not is_over:
            piece = content[offset:offset + PIECE]
            is_over = offset + len(piece) == len(content)
            call.say("end:content" if is_over else "item:content", piece, str(offset))
            offset, used = offset + len(piece), used + len(piece) + MESSAGE


{"progress": progress, "download": download, "upload": upload}[sys.argv[3]](sys.argv[2], *sys.argv[4:])
connection.close()
