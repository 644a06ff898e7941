// Calls fib(n) as the RPC client of RabbitMQ's JavaScript tutorial does: replies come through direct reply-to,
// or with --reply queue, as in its earlier text, through an exclusive queue.
'use strict';

const { randomUUID } = require('node:crypto');
const { parseArgs } = require('node:util');
const amqp = require('amqplib');

const timeout = 20; // seconds that a call waits for its reply

const { values: options, positionals: numbers } = parseArgs({
    allowPositionals: true,
    options: {
        url: { type: 'string', default: 'amqp://guest:guest@localhost/' },
        queue: { type: 'string', default: 'rpc_queue' },
        reply: { type: 'string', default: 'direct' },
    },
});

async function main() {
    if (numbers.length === 0) throw new Error('which numbers?');
    const connection = await amqp.connect(options.url);
    const channel = await connection.createChannel();
    const replyTo = options.reply === 'direct'
        ? 'amq.rabbitmq.reply-to'
        : (await channel.assertQueue('', { exclusive: true })).queue;

    let waiting;
    await channel.consume(replyTo, (reply) => {
        if (reply.properties.correlationId === waiting.correlationId) waiting.resolve(reply.content.toString());
    }, { noAck: true });

    for (const n of numbers) {
        const correlationId = randomUUID();
        const result = await new Promise((resolve, reject) => {
            waiting = { correlationId, resolve };
            setTimeout(() => reject(new Error(`no reply within ${timeout} s`)), timeout * 1000).unref();
            channel.sendToQueue(options.queue, Buffer.from(n), { correlationId, replyTo });
        });
        if (!/^\d+$/.test(result)) throw new Error(`not a number: ${result}`);
        console.log(`fib(${n}) = ${result}`);
    }
    await connection.close();
}

main().catch((error) => {
    console.error(String(error));
    process.exit(1);
});
