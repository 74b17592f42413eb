"""Which way errands travel to the actors: in this process, or over Redis or RabbitMQ by BROKER_URL.

Nothing but ids travels. The table in `portal.outbox` stays the queue of record and the only retry policy.
"""

import dramatiq
from dramatiq.broker import Broker
from dramatiq.middleware import AsyncIO, CurrentMessage, ShutdownNotifications, TimeLimit

from portal.settings import settings

TIME_LIMIT = 120_000


def make(url: str | None) -> Broker:
    middleware = [AsyncIO(), TimeLimit(time_limit=TIME_LIMIT), ShutdownNotifications(), CurrentMessage()]
    if url is None:
        from dramatiq.brokers.stub import StubBroker

        return StubBroker(middleware=middleware)
    if url.startswith("redis"):
        from dramatiq.brokers.redis import RedisBroker

        return RedisBroker(url=url, middleware=middleware)
    from dramatiq.brokers.rabbitmq import RabbitmqBroker

    return RabbitmqBroker(url=url, middleware=middleware)


broker = make(settings().broker_url)
dramatiq.set_broker(broker)
