"""Calls fib(n) as the RPC client of aio-pika's tutorial does, all numbers at once: futures by correlation id."""

import asyncio
import sys
import uuid

from aio_pika import Message, connect

from peer import TIMEOUT, client_options


class Client:
    def __init__(self, queue):
        self.queue = queue
        self.calls = {}

    async def connect(self, url):
        self.connection = await connect(url)
        self.channel = await self.connection.channel()
        self.callbacks = await self.channel.declare_queue(exclusive=True)
        await self.callbacks.consume(self.on_reply, no_ack=True)

    async def on_reply(self, reply):
        self.calls.pop(reply.correlation_id).set_result(reply.body)

    async def call(self, n):
        correlation_id = str(uuid.uuid4())
        self.calls[correlation_id] = asyncio.get_running_loop().create_future()
        reply = self.calls[correlation_id]
        await self.channel.default_exchange.publish(
            Message(
                str(n).encode(),
                content_type="text/plain",
                correlation_id=correlation_id,
                reply_to=self.callbacks.name,
            ),
            routing_key=self.queue,
        )
        return int(await reply)


async def main(options):
    client = Client(options.queue)
    await client.connect(options.url)
    async with client.connection:
        results = await asyncio.gather(*map(client.call, options.numbers))
    for n, result in zip(options.numbers, results):
        print(f"fib({n}) = {result}", flush=True)


try:
    asyncio.run(asyncio.wait_for(main(client_options()), TIMEOUT))
except asyncio.TimeoutError:
    sys.exit(f"no reply within {TIMEOUT} s")
except Exception as error:
    sys.exit(repr(error))
