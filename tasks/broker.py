"""Which way errands travel to the actors: in this process, or over Redis or RabbitMQ by BROKER_URL.

Nothing but ids travels. The table in `portal.outbox` stays the queue of record and the only retry policy, so of
Dramatiq's middleware only the event loop is here.
"""

import dramatiq
from dramatiq.broker import Broker
from dramatiq.middleware import AsyncIO

from portal.settings import Misconfigured, settings


def make(url: str | None) -> Broker:
    if url is None:
        from dramatiq.brokers.stub import StubBroker

        return StubBroker(middleware=[AsyncIO()])
    try:
        if url.startswith("redis"):
            from dramatiq.brokers.redis import RedisBroker

            return RedisBroker(url=url, middleware=[AsyncIO()])
        from dramatiq.brokers.rabbitmq import RabbitmqBroker

        return RabbitmqBroker(url=url, middleware=[AsyncIO()])
    except ImportError as missing:
        raise Misconfigured(f"BROKER_URL needs the package {missing.name}, which is not installed.") from None


broker = make(settings().broker_url)
dramatiq.set_broker(broker)
