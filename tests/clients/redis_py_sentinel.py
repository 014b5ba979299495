"""redis-py finds a master and its replicas through Sentinel, writes to the one and reads from the others."""

import sys
import time

from redis.sentinel import Sentinel

name, key, *ports = sys.argv[1:]
sentinel = Sentinel([("127.0.0.1", int(port)) for port in ports], socket_timeout=2)


def until(attempt):
    """What a replica has not got yet, or Sentinel not learned, comes within a few seconds."""
    for _ in range(100):
        found = attempt()
        if found:
            return found
        time.sleep(0.05)
    raise SystemExit(f"waited in vain for {attempt.__name__}")


def all_replicas():
    found = sentinel.discover_slaves(name)
    return found if len(found) == 2 else None


def value_read():
    return sentinel.slave_for(name, socket_timeout=2).get(key) == b"value"


replicas = until(all_replicas)
sentinel.master_for(name, socket_timeout=2).set(key, "value")
until(value_read)
_, port = sentinel.discover_master(name)
print(f"master {port}, {len(replicas)} replicas, wrote and read {key}")
