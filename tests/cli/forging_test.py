"""Programs that try to pass without being right, under every suite, beside an honest one."""
import os
import pathlib
import tempfile
import unittest

from support import AssayTest, descendants

EVIL = "class Evil(int):\n    def __eq__(self, other): return True\n    __ne__ = lambda s, o: False\n    __hash__ = int.__hash__\n"
FORGERIES = {
    "always equal": EVIL + "def double(x): return Evil(0)\n",
    "always equal, not an int": "class E:\n    def __eq__(s, o): return True\ndef double(x): return E()\n",
    "always equal inside a list": EVIL + "def double(x): return [Evil(0)]\n",
    "frame walk to a local named expected":
        "import sys\ndef double(x):\n    f = sys._getframe()\n    while f:\n"
        "        for name, value in list(f.f_locals.items()):\n"
        "            if 'expect' in name or name in ('exp', 'want', 'answer'): return value\n"
        "        f = f.f_back\n",
    "frame walk to a result list":
        "import sys\ndef double(x):\n    f = sys._getframe()\n    while f:\n"
        "        for value in list(f.f_locals.values()) + list(f.f_globals.values()):\n"
        "            if isinstance(value, list): value.append('passed')\n        f = f.f_back\n",
    "garbage collector scan":
        "import gc\ndef double(x):\n    for o in gc.get_objects():\n"
        "        if isinstance(o, list): \n            try: o.append('passed')\n            except Exception: pass\n",
    "os._exit(0) in the call": "import os\ndef double(x): os._exit(0)\n",
    "os._exit(0) at the top": "import os\ndef double(x): return 0\nos._exit(0)\n",
    "sys.exit(0) in the call": "import sys\ndef double(x): sys.exit(0)\n",
    "sys.exit(0) at the top": "import sys\ndef double(x): return 0\nsys.exit(0)\n",
    "patched builtins":
        "import builtins\nbuiltins.AssertionError = ValueError\nbuiltins.all = lambda *a: True\n"
        "builtins.isinstance = lambda *a: True\ndef double(x): return None\n",
    "patched operator and math":
        "import math, operator\nmath.isclose = lambda *a, **k: True\noperator.eq = lambda a, b: True\n"
        "def double(x): return None\n",
    "own check()": "def check(candidate): pass\ndef double(x): return None\n",
    "closed descriptors": "import os\ndef double(x):\n    os.closerange(0, 256)\n",
    "writes PASS everywhere":
        "import os\ndef double(x):\n    for fd in range(64):\n        try: os.write(fd, b'PASS\\n' * 100)\n"
        "        except OSError: pass\n",
    "a forked child that outlives":
        "import os, time\ndef double(x):\n    try:\n        if os.fork() == 0:\n            os.setsid(); time.sleep(60)\n"
        "    except OSError: pass\n",
    "a thread that answers": "import threading\ndef double(x):\n"
                             "    threading.Thread(target=lambda: exit(0), daemon=False).start()\n",
    "sitting in atexit": "import atexit, os\natexit.register(lambda: os._exit(0))\ndef double(x): return None\n",
    "mutates its argument's equals": "def double(x):\n    try: x.__class__.__eq__ = lambda a, b: True\n"
                                     "    except TypeError: pass\n",
    # In --suite official its instances came as records that equal every object whose type has the same name.
    "a dataclass that is called int": "from dataclasses import dataclass\n@dataclass\nclass int: pass\ndef double(x): return int()\n",
    "a dataclass that is called int, with a field":
        "from dataclasses import dataclass\n@dataclass\nclass int:\n    real: object = 4\ndef double(x): return int()\n",
    "an Enum that is called int": "from enum import Enum\nclass int(Enum):\n    A = 4\ndef double(x): return int.A\n",
    "trace function": "import sys\nsys.settrace(lambda *a: None)\nsys.setprofile(lambda *a: None)\ndef double(x): return None\n",
}
HONEST = "def double(x): return x * 2\n"
MARK = "assay-forging-test"


class Forging(AssayTest):
    def test_none_passes_none_survives_and_the_honest_one_passes(self):
        marker = pathlib.Path(tempfile.gettempdir()) / f"{MARK}-{os.getpid()}"
        writes = (f"def double(x):\n    try: open({str(marker)!r}, 'w').write('x')\n    except OSError: pass\n"
                  "    return None\n")
        programs = [HONEST, *FORGERIES.values(), writes, HONEST + "# after them\n"]
        samples = self.samples(*[("Own/1", text) for text in programs])
        before = descendants(os.getpid())
        self.run_samples(samples, "--suite", "base,plus,official", "--full")
        self.assertEqual(descendants(os.getpid()) - before, set())
        self.assertFalse(marker.exists())
        names = ["honest", *FORGERIES, "writes a file", "honest, after them"]
        for suite in ("base", "plus", "official"):
            seen = self.statuses(suite)
            for number, name in enumerate(names):
                status = seen["Own/1", str(number)]
                if name.startswith("honest"):
                    self.assertEqual(status, "pass", f"{suite}: {name}")
                else:
                    self.assertNotIn(status, ("pass", "missing"), f"{suite}: {name}")


if __name__ == "__main__":
    unittest.main()
