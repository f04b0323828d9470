"""The redis-server of the harness is a real one, new enough, and ends with its block."""

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisUnreachable

from tests.harness.redis import running_redis

OLDEST = (6, 2)


async def test_a_started_redis_answers_and_is_new_enough() -> None:
    with running_redis() as (url, _):
        async with Redis.from_url(url, protocol=2) as client:
            assert await client.ping()
            version = (await client.info("server"))["redis_version"]
    assert tuple(int(part) for part in version.split(".")[:2]) >= OLDEST


async def test_a_redis_is_gone_after_its_block() -> None:
    with running_redis() as (url, process):
        pass
    assert process.returncode == 0
    async with Redis.from_url(url) as client:
        with pytest.raises(RedisUnreachable):
            await client.ping()
