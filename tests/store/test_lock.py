import subprocess
import sys
import threading
from pathlib import Path

import pytest

from geventim.store.lock import Lock


def test_is_held_by_one_thread_at_a_time() -> None:
    lock = Lock()
    inside = 0
    most = 0

    def enter() -> None:
        nonlocal inside, most
        for _ in range(200):
            with lock:
                inside += 1
                most = max(most, inside)
                # Gives the others every opportunity to come in as well.
                threading.Event().wait(0)
                inside -= 1

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_is_given_back_after_an_error() -> None:
    lock = Lock()
    with pytest.raises(ZeroDivisionError), lock:
        raise ZeroDivisionError
    with lock:
        pass


def test_makes_no_event_loop_in_a_thread_that_waits() -> None:
    program = """
from gevent import monkey; monkey.patch_all()
from gevent._hub_local import get_hub_if_exists
from gevent.threadpool import ThreadPool
from geventim.store.lock import Lock
lock, pool, entered = Lock(), ThreadPool(1), []
def enter():
    with lock:
        entered.append(get_hub_if_exists())
with lock:
    waiting = pool.spawn(enter)
    assert not waiting.wait(timeout=0.05)
waiting.get()
assert len(entered) == 1
print(entered[0] is None)
"""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout == "True\n"
