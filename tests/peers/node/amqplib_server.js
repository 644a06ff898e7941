// Serves fib(n) as the RPC server of RabbitMQ's JavaScript tutorial does: from a quorum queue by default.
'use strict';

const { parseArgs } = require('node:util');
const amqp = require('amqplib');

const queues = {
    transient: { durable: false },
    durable: { durable: true },
    quorum: { durable: true, arguments: { 'x-queue-type': 'quorum' } },
};

const { values: options } = parseArgs({
    options: {
        url: { type: 'string', default: 'amqp://guest:guest@localhost/' },
        queue: { type: 'string', default: 'rpc_queue' },
        declare: { type: 'string', default: 'quorum' },
        prefetch: { type: 'string', default: '1' },
    },
});

function fib(n) {
    let [a, b] = [0n, 1n]; // exact beyond 2^53
    for (let i = 0; i < n; i++) [a, b] = [b, a + b];
    return a;
}

async function main() {
    if (!queues[options.declare]) throw new Error(`--declare is one of ${Object.keys(queues).join(', ')}`);
    const connection = await amqp.connect(options.url);
    process.on('SIGTERM', () => connection.close());

    const channel = await connection.createChannel();
    await channel.assertQueue(options.queue, queues[options.declare]);
    await channel.prefetch(Number(options.prefetch));
    await channel.consume(options.queue, (request) => {
        const result = fib(parseInt(request.content.toString(), 10));
        channel.sendToQueue(request.properties.replyTo, Buffer.from(result.toString()), {
            correlationId: request.properties.correlationId,
        });
        channel.ack(request);
    });
    console.log('ready');
}

main().catch((error) => {
    console.error(String(error));
    process.exit(1);
});
