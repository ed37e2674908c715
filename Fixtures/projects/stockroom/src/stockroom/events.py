"""A small bus: parts of the program tell one another what happened."""

from collections import defaultdict


class Bus:
    """Handlers by the name of an event; `*` hears all."""

    def __init__(self):
        self._handlers = defaultdict(list)
        self.failures = []

    def on(self, name, handler, priority=0):
        """Registers a handler; greater priorities are called first, equal ones in their order."""
        handlers = self._handlers[name]
        position = len(handlers)
        for index, (known, _) in enumerate(handlers):
            if priority > known:
                position = index
                break
        handlers.insert(position, (priority, handler))
        return handler

    def off(self, name, handler):
        self._handlers[name] = [entry for entry in self._handlers[name] if entry[1] is not handler]

    def emit(self, name, **details):
        """Calls the handlers; one that fails does not keep the others from being called. How many ran well."""
        done = 0
        for _, handler in list(self._handlers[name]) + list(self._handlers["*"]):
            try:
                handler(name, details)
            except Exception as error:
                self.failures.append((name, error))
            else:
                done += 1
        return done


class Recorder:
    """Keeps the last events that it hears."""

    def __init__(self, limit=100):
        self.limit = limit
        self.events = []

    def __call__(self, name, details):
        self.events.append((name, details))
        if len(self.events) > self.limit:
            del self.events[0]

    def names(self):
        return [name for name, _ in self.events]
