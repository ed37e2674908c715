import pytest

from stockroom.events import Recorder


def test_handlers_hear_their_events(bus):
    heard = []
    bus.on("placed", lambda name, details: heard.append((name, details["number"])))
    assert bus.emit("placed", number=7) == 1
    assert bus.emit("shipped", number=8) == 0
    assert heard == [("placed", 7)]


@pytest.mark.parametrize("priorities, order", [([0, 0, 0], [0, 1, 2]), ([0, 5, 1], [1, 2, 0]), ([1, 2, 2], [1, 2, 0]), ([3, 2, 1], [0, 1, 2])])
def test_priorities(bus, priorities, order):
    heard = []
    for number, priority in enumerate(priorities):
        bus.on("x", lambda name, details, number=number: heard.append(number), priority)
    bus.emit("x")
    assert heard == order


def test_all_events(bus):
    recorder = bus.on("*", Recorder())
    bus.emit("a")
    bus.emit("b", n=1)
    assert recorder.names() == ["a", "b"]
    assert recorder.events[1] == ("b", {"n": 1})


def test_off(bus):
    recorder = bus.on("a", Recorder())
    bus.off("a", recorder)
    assert bus.emit("a") == 0


def test_failures_are_kept(bus):
    def fail(name, details):
        raise RuntimeError("no")

    recorder = Recorder()
    bus.on("a", fail, 1)
    bus.on("a", recorder)
    assert bus.emit("a") == 1
    assert recorder.names() == ["a"]
    assert [name for name, _ in bus.failures] == ["a"]


@pytest.mark.parametrize("limit, names", [(1, ["c"]), (2, ["b", "c"]), (3, ["a", "b", "c"])])
def test_recorder_forgets(limit, names):
    recorder = Recorder(limit)
    for name in "abc":
        recorder(name, {})
    assert recorder.names() == names
