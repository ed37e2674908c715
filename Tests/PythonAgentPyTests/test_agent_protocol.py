"""The golden frames of Fixtures/protocol: the real agent is asked every request there, and answers in the shape kept there.

`HEAL_UPDATE_SNAPSHOTS=1` writes the answers anew. What differs from run to run (times, process ids, versions) is levelled.
"""

import json
import os
import re
import unittest

from agent_client import HERE, Client

FOLDER = os.path.normpath(os.path.join(HERE, "..", "..", "Fixtures", "protocol"))
DOCUMENT = os.path.normpath(os.path.join(HERE, "..", "..", "Sources", "PythonAgent", "PROTOCOL.md"))
LEVELLED = {"seconds": 0.0, "wall": 0.0, "cpu": 0.0, "peakMemory": 0, "pid": 1, "python": "3.11.0"}


def lines(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def levelled(value, root):
    if isinstance(value, dict):
        return {key: LEVELLED[key] if key in LEVELLED else levelled(one, root) for key, one in value.items()}
    if isinstance(value, list):
        return [levelled(one, root) for one in value]
    if isinstance(value, str):
        return re.sub(r"0x[0-9a-f]{6,}", "0x1", value.replace(root, "/program"))
    return value


def shape(value):
    """Keys and types; the elements of a list by their first, maps with free keys by one value."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, bool) or value is None:
        return type(value).__name__
    return "number" if isinstance(value, (int, float)) else "text"


FREE = {"files", "coverage", "locals", "details", "outcome", "attributes", "impure"}


def fits(kept, found, path=""):
    """Where the shapes differ; null stands for anything, and so does an empty list or map."""
    if kept is None or found is None or kept == "NoneType" or found == "NoneType":
        return None
    if type(kept) is not type(found):
        return "%s: %r against %r" % (path, kept, found)
    if isinstance(kept, dict):
        name = path.rpartition(".")[2]
        if name in FREE or not kept or not found:
            return None
        if set(kept) != set(found):
            return "%s: keys differ by %s" % (path, sorted(set(kept) ^ set(found)))
        return next((problem for key in kept for problem in [fits(kept[key], found[key], path + "." + key)] if problem), None)
    if isinstance(kept, list):
        return fits(kept[0], found[0], path + "[]") if kept and found else None
    return None if kept == found else "%s: %r against %r" % (path, kept, found)


class GoldenFrames(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with Client() as client:
            found = [{"hello": client.hello}]
            for request in lines("requests.jsonl"):
                client.send(request)
                if "cancel" not in request:
                    found.append(client.reply(request["id"]))
            cls.replies = [levelled(reply, client.root) for reply in found]
        if os.environ.get("HEAL_UPDATE_SNAPSHOTS"):
            with open(os.path.join(FOLDER, "replies.jsonl"), "w", encoding="utf-8") as file:
                for reply in cls.replies:
                    file.write(json.dumps(reply, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n")

    def test_every_reply_has_the_kept_shape(self):
        kept = lines("replies.jsonl")
        self.assertEqual(len(kept), len(self.replies))
        for one, found in zip(kept, self.replies):
            self.assertIsNone(fits(shape(one), shape(found)), found.get("id"))

    def test_verdicts_are_the_kept_ones(self):
        kept = {reply.get("id"): reply for reply in lines("replies.jsonl")}
        for request in lines("requests.jsonl"):
            if request.get("request") == "evaluate" and "ok" in kept[request["id"]]:
                found = next(reply for reply in self.replies if reply.get("id") == request["id"])
                self.assertEqual(found["ok"]["results"], kept[request["id"]]["ok"]["results"])

    def test_every_request_and_error_of_the_document_has_a_frame(self):
        with open(DOCUMENT, encoding="utf-8") as file:
            text = file.read().partition("## Requests")[2].partition("RUN is")[0]
        documented = set(re.findall(r"^\| `(\w+)` \|", text, re.M))
        self.assertEqual(documented, {frame["request"] for frame in lines("requests.jsonl") if frame.get("request") != "nonsense"
                                      and "request" in frame})
        kinds = {reply["error"]["kind"] for reply in self.replies if "error" in reply}
        self.assertTrue({"unsupported", "unknownBase", "deadline"} <= kinds, kinds)


if __name__ == "__main__":
    unittest.main()
