# mypy: ignore-errors
"""What the training programs share: which workloads they run, and what they tell of each.

A program is started as `python -I -B PROGRAM DEVICE LIMIT_S WORKLOAD,... [WORD]`. It prints a line of JSON with the key
`envdoctor` when a workload begins and when it ends. A workload that raises has failed, and the next one is tried; one
that takes longer than the limit makes faulthandler print where it stands and end the program, whatever holds the
interpreter's lock. One that kills the program is known by its `begin` without an end.
"""

import contextlib
import faulthandler
import json
import os
import sys
import time
import traceback

TEXT_LIMIT = 6000
"""Characters of a traceback; its end says the most."""
SLOW = ("import", "compile")
SLOW_FACTOR = 3
"""So many times the limit these may take: imports from a cold disk, and compilers, take minutes."""
LEAST_FALL = 0.98
"""The last loss must be below the first one times this."""
TOLERANCE = 2e-3
"""Of float32 gradients against those of a float64 run, relative to the largest of them."""


class SkippedWorkload(Exception):
    """The workload cannot be tried here; the text says why, and what is absent is no fault."""


class Session:
    """One run of a program."""

    def __init__(self, argv):
        self.device, self.limit_s = argv[1], float(argv[2])
        self.wanted = [name for name in argv[3].split(",") if name]
        self.word = argv[4] if len(argv) > 4 else ""
        self.shown = self.device
        """What the device calls itself; set once the framework has said so."""
        self.memory = peak_memory
        """Gives the peak memory in bytes since `forget_peak`, where a framework has its own count."""
        self.forget = forget_peak
        self._stream = os.fdopen(os.dup(1), "w")
        sys.stdout.flush()

    def say(self, kind, **values):
        """Print one line of the protocol, on a line of its own whatever a library has printed before."""
        sys.stdout.flush()
        self._stream.write("\n" + json.dumps(dict(values, envdoctor=kind)) + "\n")
        self._stream.flush()

    def framework(self, name, version, **details):
        """Tell which framework it is, and what it says of its build."""
        self.say("framework", name=name, version=str(version), details=details)

    def trying(self, name):
        """A context in which one workload runs; it gives the note that its numbers are written into."""
        return Trial(self, name)

    def run(self, workloads, *arguments):
        """Run those of a table (name to function) that are wanted, each with a note after the arguments."""
        for name in self.wanted:
            if name in workloads:
                with self.trying(name) as note:
                    workloads[name](*arguments, note)

    def end(self):
        """Tell that all was tried."""
        self.say("end")


class Trial:
    """One workload that is being tried: what it finds out, and how it ends."""

    def __init__(self, session, name):
        self.session, self.name = session, name
        self.values, self.passed = {}, False

    def __enter__(self):
        self.session.say("begin", workload=self.name, device=self.session.shown)
        limit = self.session.limit_s * (SLOW_FACTOR if self.name in SLOW else 1)
        faulthandler.dump_traceback_later(limit, exit=True)
        with contextlib.suppress(RuntimeError):  # a broken framework must not keep its failure from being told
            self.session.forget()
        self._start = time.perf_counter()
        return self

    def __exit__(self, kind, error, trace):
        faulthandler.cancel_dump_traceback_later()
        seconds = time.perf_counter() - self._start
        if kind is not None and not issubclass(kind, (Exception, SystemExit)):
            return False
        status = "passed" if kind is None else "skipped" if issubclass(kind, SkippedWorkload) else "failed"
        told = {"status": status, "seconds": round(seconds, 3), "device": self.session.shown}
        with contextlib.suppress(RuntimeError):
            told["memory_bytes"] = self.session.memory()
        if status == "skipped":
            told["reason"] = str(error)
        elif status == "failed":
            told["error"] = f"{kind.__name__}: {error}"[-TEXT_LIMIT:]
            told["trace"] = "".join(traceback.format_exception(kind, error, trace))[-TEXT_LIMIT:]
        self.passed = status == "passed"
        self.session.say("result", workload=self.name, **dict(self.values, **told))
        return True

    def detail(self, text):
        """A few words on what was computed; several are joined."""
        self.values["detail"] = ", ".join(filter(None, [self.values.get("detail"), text]))

    def losses(self, losses):
        """Note the losses of a training; they must be numbers, and fall."""
        first, last = float(losses[0]), float(losses[-1])
        self.values["loss"] = [first, last]
        if not (last < first * LEAST_FALL and abs(first) < 1e30):
            raise AssertionError(f"training did not lower the loss: {first:.6g} to {last:.6g} in {len(losses)} steps")

    def gradients(self, found, wanted, tolerance=TOLERANCE):
        """Compare gradients (lists of NumPy-like nested lists, flattened by the caller) with those of the reference."""
        largest = max((abs(one) for values in wanted for one in values), default=0.0)
        if not largest > 0:
            raise AssertionError("the reference gradients are all zero")
        if [len(values) for values in found] != [len(values) for values in wanted]:
            raise AssertionError("the gradients are not of the shapes of the reference")
        pairs = [(a, b) for left, right in zip(found, wanted) for a, b in zip(left, right)]  # noqa: B905 - not before 3.10
        worst = max(abs(a - b) if a == a else float("inf") for a, b in pairs) / largest
        self.values["gradient_error"] = worst
        if not worst <= tolerance:
            raise AssertionError(f"gradients differ from the float64 reference by {worst:.3g} of the largest")


def forget_peak():
    """Make the kernel count the peak of this process's memory anew; elsewhere than on Linux it counts from the start."""
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def peak_memory():
    """The most memory that this process held at once, in bytes; None where the system does not tell."""
    with contextlib.suppress(OSError, ValueError), open("/proc/self/status") as file:
        for line in file:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    with contextlib.suppress(ImportError):
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return None


def loaded_libraries(*names):
    """File names of shared libraries in this process that start so: what is really used, not what is installed."""
    found = set()
    with contextlib.suppress(OSError), open("/proc/self/maps") as file:
        found = {os.path.basename(line.split()[-1]) for line in file if "/" in line}
    return sorted(name for name in found if name.startswith(names))


def has_loopback():
    """Whether processes of this machine can talk to each other through 127.0.0.1."""
    import socket

    try:
        with contextlib.closing(socket.socket()) as server, contextlib.closing(socket.socket()) as client:
            server.bind(("127.0.0.1", 0))
            server.listen(1)
            client.settimeout(5)
            client.connect(server.getsockname())
    except OSError:
        return False
    return True
