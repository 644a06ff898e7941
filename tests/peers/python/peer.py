"""Shared by the four Python peers: options and the service."""

import argparse

QUEUES = {  # --declare -> (durable, arguments)
    "transient": (False, None),
    "durable": (True, None),
    "quorum": (True, {"x-queue-type": "quorum"}),
}

TIMEOUT = 20  # seconds a client waits for a reply


def fib(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def _parser():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", default="amqp://guest:guest@localhost/")
    parser.add_argument("--queue", default="rpc_queue")
    return parser


def server_options(declare):
    parser = _parser()
    parser.add_argument("--declare", choices=QUEUES, default=declare)
    parser.add_argument("--prefetch", type=int, default=1)
    return parser.parse_args()


def client_options():
    parser = _parser()
    parser.add_argument("numbers", type=int, nargs="+")
    return parser.parse_args()
