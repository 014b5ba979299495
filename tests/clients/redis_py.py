"""redis-py, as an application uses it. Usage: redis_py.py PORT PASSWORD

Prints the name of each part that held; an assertion that fails ends the program.
"""

import sys
import threading
import time

import redis
from redis.cache import CacheConfig

PORT, PASSWORD = int(sys.argv[1]), sys.argv[2]


def connect(**options):
    options = {"password": PASSWORD, "decode_responses": True, **options}
    return redis.Redis(host="127.0.0.1", port=PORT, **options)


def connects_and_authenticates():
    assert connect().ping() is True
    try:
        connect(password="wrong").ping()
        raise AssertionError("a wrong password was taken")
    except redis.AuthenticationError:
        pass
    named = connect(client_name="worker")
    assert named.client_getname() == "worker"
    # Servers older than 7.2 do not know CLIENT SETINFO.
    assert named.client_info().get("lib-name", "redis-py").startswith("redis-py")


def speaks_both_protocols():
    for protocol in (2, 3):
        client = connect(protocol=protocol)
        client.hset("h", mapping={"a": "1", "b": "2"})
        client.zadd("z", {"low": 1.5, "high": 2.5})
        client.sadd("s", "x", "y")
        assert client.hgetall("h") == {"a": "1", "b": "2"}
        assert client.smembers("s") == {"x", "y"}
        assert [list(pair) for pair in client.zrange("z", 0, -1, withscores=True)] == [
            ["low", 1.5],
            ["high", 2.5],
        ]
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.info("server")["redis_mode"] == "standalone"
        assert client.exists("missing") == 0 and client.get("missing") is None


def pipelines():
    client = connect()
    pipe = client.pipeline(transaction=False)
    for i in range(1000):
        pipe.set(f"p:{i}", i).incr(f"p:{i}")
    replies = pipe.execute()
    assert replies[0::2] == [True] * 1000 and replies[1::2] == list(range(1, 1001))


def watches():
    client, other = connect(), connect()
    client.set("balance", 10)
    with client.pipeline() as pipe:
        pipe.watch("balance")
        balance = int(pipe.get("balance"))
        other.set("balance", 99)
        pipe.multi()
        pipe.set("balance", balance - 1)
        try:
            pipe.execute()
            raise AssertionError("the transaction ran in spite of the other client")
        except redis.WatchError:
            pass
    assert client.get("balance") == "99"

    def withdraw(pipe):
        balance = int(pipe.get("balance"))
        pipe.multi()
        pipe.set("balance", balance - 1)

    assert client.transaction(withdraw, "balance") == [True]
    assert client.get("balance") == "98"


def publishes():
    client, subscriber = connect(), connect().pubsub()
    subscriber.subscribe("news")
    subscriber.psubscribe("n*")
    kinds = [subscriber.get_message(timeout=5)["type"] for _ in range(2)]
    assert kinds == ["subscribe", "psubscribe"]
    assert client.publish("news", "hello") == 2
    messages = [subscriber.get_message(timeout=5) for _ in range(2)]
    assert [m["type"] for m in messages] == ["message", "pmessage"]
    assert {m["data"] for m in messages} == {"hello"}
    assert client.pubsub_numsub("news") == [("news", 1)]
    subscriber.unsubscribe()
    subscriber.punsubscribe()


def scans():
    client = connect()
    client.mset({f"scan:{i}": i for i in range(500)})
    assert len(set(client.scan_iter("scan:*", count=37))) == 500
    client.hset("big", mapping={f"f{i}": i for i in range(700)})
    assert len(dict(client.hscan_iter("big"))) == 700
    client.zadd("ranks", {f"m{i}": i for i in range(300)})
    assert len(dict(client.zscan_iter("ranks"))) == 300


def blocks():
    client, other = connect(), connect()
    pusher = threading.Timer(0.05, other.rpush, ["queue", "job"])
    pusher.start()
    assert list(client.blpop("queue", timeout=5)) == ["queue", "job"]
    pusher.join()
    assert client.blpop("queue", timeout=0.01) is None


def streams():
    client = connect()
    client.xgroup_create("events", "workers", id="0", mkstream=True)
    entry = client.xadd("events", {"kind": "signup"})
    ((_, entries),) = read_group(client)
    assert entries == [(entry, {"kind": "signup"})]
    assert client.xack("events", "workers", entry) == 1
    assert client.xinfo_groups("events")[0]["entries-read"] == 1


def read_group(client):
    reply = client.xreadgroup("workers", "me", {"events": ">"}, count=1)
    items = reply.items() if isinstance(reply, dict) else reply
    return [(name, entries[0] if isinstance(entries[0], list) else entries) for name, entries in items]


def caches():
    client = connect(protocol=3, cache_config=CacheConfig())
    other = connect()
    other.set("cached", "old")
    assert client.get("cached") == "old" and client.get("cached") == "old"
    assert client.get_cache().size == 1
    other.set("cached", "new")
    deadline = time.monotonic() + 5
    while client.get("cached") != "new":
        assert time.monotonic() < deadline, "the cache never heard of the change"


def tells_errors_apart():
    client = connect()
    client.set("text", "x")
    for call, kind in [
        (lambda: client.lpush("text", 1), redis.ResponseError),
        (lambda: client.execute_command("NOSUCH"), redis.ResponseError),
        (lambda: client.incr("text"), redis.ResponseError),
    ]:
        try:
            call()
            raise AssertionError("no error")
        except kind:
            pass


def version():
    return tuple(int(word) for word in connect().info("server")["redis_version"].split(".")[:2])


PARTS = [
    connects_and_authenticates,
    speaks_both_protocols,
    pipelines,
    watches,
    publishes,
    scans,
    blocks,
    streams,
    caches,
    tells_errors_apart,
]

for part in PARTS:
    connect().flushall()
    if part is caches and version() < (7, 4):
        # The library itself refuses older servers.
        print("caches: needs Redis 7.4")
        continue
    part()
    print(part.__name__, flush=True)
