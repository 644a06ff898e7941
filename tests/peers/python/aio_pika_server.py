"""Serves fib(n) as the RPC server of aio-pika's tutorial does: from a transient queue by default."""

import asyncio
import logging
import signal

from aio_pika import Message, connect

from peer import QUEUES, fib, server_options


async def serve(options):
    durable, arguments = QUEUES[options.declare]
    connection = await connect(options.url)
    channel = await connection.channel()
    await channel.set_qos(prefetch_count=options.prefetch)
    queue = await channel.declare_queue(options.queue, durable=durable, arguments=arguments)

    async with queue.iterator() as requests:
        print("ready", flush=True)
        async for request in requests:
            try:
                async with request.process(requeue=False):
                    assert request.reply_to is not None
                    result = fib(int(request.body.decode()))
                    await channel.default_exchange.publish(
                        Message(str(result).encode(), correlation_id=request.correlation_id),
                        routing_key=request.reply_to,
                    )
            except Exception:
                logging.exception("refused %r", request)


async def main():
    serving = asyncio.ensure_future(serve(server_options("transient")))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, serving.cancel)
    try:
        await serving
    except asyncio.CancelledError:
        pass  # SIGTERM


asyncio.run(main())
