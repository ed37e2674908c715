"""Serves a language model to the tests, as OpenAI-compatible servers do; on this machine alone.

usage: serve-model.py NAME [FILE.gguf]

NAME is what clients call it; without a file it must be smollm2, which scripts/model-requirements.txt brings. The base URL is
printed when the server can be asked. It ends with SIGTERM, or with its standard input.
"""

import os
import sys

# Threads that spin while they wait take the cores from whoever asks.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import importlib.util  # noqa: E402
import socket  # noqa: E402

import xllamacpp  # noqa: E402


def bundled(name):
    """The model in the package `llm_NAME`."""
    found = importlib.util.find_spec("llm_" + name)
    for folder in (found.submodule_search_locations if found else None) or []:
        for file in sorted(os.listdir(folder)):
            if file.endswith(".gguf"):
                return os.path.join(folder, file)
    sys.exit("there is no model %s here: name its file" % name)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    name = sys.argv[1]
    settings = xllamacpp.CommonParams()
    settings.model.path = sys.argv[2] if len(sys.argv) > 2 else bundled(name)
    settings.model_alias = {name}
    settings.hostnames = ["127.0.0.1"]
    settings.port = free_port()
    settings.n_ctx = 8192
    settings.n_parallel = 2
    settings.ui = False
    threads = len(os.sched_getaffinity(0))
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = threads
    server = xllamacpp.Server(settings)
    print("http://127.0.0.1:%d/v1" % settings.port, flush=True)
    sys.stdin.read()
    del server


main()
