# expect: error, fail, timeout
# Modules of the standard library that start, fetch, open or print: antigravity, this, turtle,
# idlelib, ensurepip, venv, webbrowser, ctypes.util, test.support, pty, crypt, uuid. Must: nothing
# leaves the jail.
NAMES = """antigravity this turtle idlelib.idle ensurepip venv webbrowser ctypes.util pty uuid
lib2to3.main platform asyncio multiprocessing.shared_memory""".split()
def add(a, b):
    got = []
    for name in NAMES:
        try: __import__(name); got.append(name)
        except BaseException as e: pass
    import ctypes.util, uuid, webbrowser, platform, asyncio
    def shared():
        from multiprocessing import shared_memory
        return shared_memory.SharedMemory(create=True, size=10)
    for f in (lambda: ctypes.util.find_library("m"), lambda: uuid.uuid1(),
              lambda: webbrowser.open("http://x"), lambda: platform.libc_ver(),
              lambda: platform.processor(), lambda: asyncio.run(asyncio.sleep(0)), shared):
        try: got.append(str(f()))
        except BaseException as e: got.append(type(e).__name__)
    return got
