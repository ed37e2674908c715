"""Every outcome that threads can reach when they may switch before every bytecode: the measure of what a search over steps finds.

Knows nothing of the agent: switches are made by opcode tracing. Bytecodes that touch nothing but their frame are
passed over, since a switch before them is the same as one before the next that does not.
"""

import dis
import sys
import threading

_LOCAL = {
    "LOAD_FAST", "STORE_FAST", "DELETE_FAST", "LOAD_CONST", "POP_TOP", "RESUME", "PUSH_NULL", "PRECALL", "KW_NAMES", "COPY", "SWAP", "NOP",
    "CACHE", "ROT_TWO", "ROT_THREE", "DUP_TOP", "DUP_TOP_TWO", "JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_ABSOLUTE", "POP_BLOCK", "EXTENDED_ARG",
    "LOAD_FAST_LOAD_FAST", "LOAD_FAST_CHECK", "STORE_FAST_LOAD_FAST", "STORE_FAST_STORE_FAST", "LOAD_FAST_BORROW",
    "LOAD_FAST_BORROW_LOAD_FAST_BORROW", "LOAD_SMALL_INT", "RETURN_VALUE", "RETURN_CONST", "NOT_TAKEN", "PUSH_EXC_INFO", "POP_EXCEPT",
    "BUILD_TUPLE", "UNPACK_SEQUENCE", "SETUP_FINALLY", "SETUP_WITH", "RERAISE", "COPY_FREE_VARS", "MAKE_CELL", "LOAD_CLOSURE", "END_FOR",
    "JUMP_BACKWARD_NO_INTERRUPT", "POP_ITER", "POP_JUMP_IF_NONE", "POP_JUMP_IF_NOT_NONE", "IS_OP",
}


class Unwound(BaseException):
    """Ends a thread of a run that is over."""


class Lock:
    """A lock of the reference."""

    engine = None

    def __init__(self):
        self.held = False

    def acquire(self):
        self.engine.await_(lambda: not self.held)
        self.held = True
        return True

    def release(self):
        if self.engine.over:
            return
        if not self.held:
            raise RuntimeError("release unlocked lock")
        self.held = False

    __enter__ = acquire

    def __exit__(self, *_):
        self.release()


class Engine:
    """One run: real threads, one at a time, along a list of choices and then always the first that can go on."""

    def __init__(self, prefix, count):
        self.prefix, self.trail = prefix, []
        self.batons = [threading.Semaphore(0) for _ in range(count)]
        self.conditions = [None] * count
        self.alive = set(range(count))
        self.over = self.stuck = False
        self.main = threading.Semaphore(0)
        self.here = threading.local()

    def choose(self):
        enabled = [one for one in sorted(self.alive) if self.conditions[one] is None or self.conditions[one]()]
        if not enabled:
            self.over = True
            self.stuck = bool(self.alive)
            return None
        place = len(self.trail)
        pick = self.prefix[place] if place < len(self.prefix) else 0
        self.trail.append((pick, len(enabled)))
        return enabled[pick]

    def await_(self, condition):
        me = self.here.number
        self.conditions[me] = condition
        self.switch(me)
        self.conditions[me] = None

    def switch(self, me):
        if self.over:
            raise Unwound
        chosen = self.choose()
        if chosen is None:
            self.main.release()
            self.batons[me].acquire()
        elif chosen != me:
            self.batons[chosen].release()
            self.batons[me].acquire()
        if self.over:
            raise Unwound

    def body(self, number, work, code_file):
        self.here.number = number
        self.batons[number].acquire()

        def trace(frame, event, argument):
            if frame.f_code.co_filename != code_file:
                return None
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
            if event == "opcode" and not self.over:
                name = names(frame.f_code).get(frame.f_lasti)
                if name not in _LOCAL:
                    self.switch(number)
            return trace

        try:
            if not self.over:
                sys.settrace(trace)
                work()
        except Unwound:
            pass
        finally:
            sys.settrace(None)
            self.alive.discard(number)
            if not self.over:
                chosen = self.choose()
                if chosen is None:
                    self.main.release()
                else:
                    self.batons[chosen].release()

    def run(self, works, code_file):
        threads = [threading.Thread(target=self.body, args=(i, work, code_file), daemon=True) for i, work in enumerate(works)]
        for thread in threads:
            thread.start()
        first = self.choose()
        self.batons[first].release()
        self.main.acquire()
        for baton in self.batons:
            baton.release()
        for thread in threads:
            thread.join()


_names = {}


def names(code):
    found = _names.get(code)
    if found is None:
        found = _names[code] = {one.offset: one.opname for one in dis.get_instructions(code)}
    return found


def outcomes(source, count, limit=20000):
    """All outcomes of threads `t0` … of a program, or None when there are more runs than the limit."""
    code = compile(source, "reference.py", "exec")
    found, prefix, runs = set(), [], 0
    while True:
        runs += 1
        if runs > limit:
            return None
        engine = Engine(prefix, count)
        Lock.engine = engine
        space = {"Lock": Lock}
        exec(code, space)
        raised = {}

        def guarded(number):
            try:
                space["t%d" % number]()
            except Exception as error:
                raised[number] = type(error).__name__

        engine.run([lambda number=number: guarded(number) for number in range(count)], "reference.py")
        found.add("deadlock" if engine.stuck else "%s %s" % (space["final"](), sorted(raised.items())))
        trail = engine.trail
        while trail and trail[-1][0] + 1 >= trail[-1][1]:
            trail.pop()
        if not trail:
            return found
        prefix = [pick for pick, _ in trail[:-1]] + [trail[-1][0] + 1]
