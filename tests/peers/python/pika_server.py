"""Serves fib(n) as the RPC server of RabbitMQ's Python tutorial does: from a quorum queue by default."""

import signal

import pika

from peer import QUEUES, fib, server_options

options = server_options("quorum")
durable, arguments = QUEUES[options.declare]

connection = pika.BlockingConnection(pika.URLParameters(options.url))
channel = connection.channel()
channel.queue_declare(options.queue, durable=durable, arguments=arguments)
channel.basic_qos(prefetch_count=options.prefetch)


def on_request(channel, method, properties, body):
    result = fib(int(body))
    channel.basic_publish(
        exchange="",
        routing_key=properties.reply_to,
        properties=pika.BasicProperties(correlation_id=properties.correlation_id),
        body=str(result),
    )
    channel.basic_ack(method.delivery_tag)


channel.basic_consume(options.queue, on_request)
signal.signal(signal.SIGTERM, lambda *_: connection.add_callback_threadsafe(channel.stop_consuming))
print("ready", flush=True)
channel.start_consuming()
connection.close()
