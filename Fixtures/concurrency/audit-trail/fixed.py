"""An audit trail: entries are gathered and written out in blocks through logging."""

import logging
import threading

archive = []


class Archive(logging.Handler):
    def emit(self, record):
        archive.extend(record.getMessage().split("; "))


logger = logging.getLogger("audit")
logger.setLevel(logging.INFO)
logger.propagate = False
logger.addHandler(Archive())


class Trail:
    def __init__(self):
        self.pending = []
        self.lock = threading.Lock()

    def note(self, entry):
        with self.lock:
            self.pending.append(entry)

    def flush(self):
        with self.lock:
            block = "; ".join(self.pending)
            self.pending = []
        if block:
            logger.info("%s", block)


trail = Trail()
trail.note("door opened")
auditor = threading.Thread(target=trail.flush)
thief = threading.Thread(target=trail.note, args=("safe opened",))
auditor.start()
thief.start()
auditor.join()
thief.join()
trail.flush()
assert archive == ["door opened", "safe opened"], archive
