"""Calls fib(n) as the RPC client of RabbitMQ's Python tutorial does: one call after the other."""

import sys
import time
import uuid

import pika

from peer import TIMEOUT, client_options


class Client:
    def __init__(self, url, queue):
        self.queue = queue
        self.connection = pika.BlockingConnection(pika.URLParameters(url))
        self.channel = self.connection.channel()
        self.callbacks = self.channel.queue_declare("", exclusive=True).method.queue
        self.channel.basic_consume(self.callbacks, self.on_reply, auto_ack=True)

    def on_reply(self, channel, method, properties, body):
        if properties.correlation_id == self.correlation_id:
            self.reply = body

    def call(self, n):
        self.reply = None
        self.correlation_id = str(uuid.uuid4())
        self.channel.basic_publish(
            exchange="",
            routing_key=self.queue,
            properties=pika.BasicProperties(reply_to=self.callbacks, correlation_id=self.correlation_id),
            body=str(n),
        )
        deadline = time.monotonic() + TIMEOUT
        while self.reply is None:
            left = deadline - time.monotonic()
            if left <= 0:
                sys.exit(f"no reply within {TIMEOUT} s")
            self.connection.process_data_events(time_limit=left)
        return int(self.reply)


options = client_options()
try:
    client = Client(options.url, options.queue)
    for n in options.numbers:
        print(f"fib({n}) = {client.call(n)}", flush=True)
    client.connection.close()
except Exception as error:
    sys.exit(repr(error))
