# expect: fail, error
import socket, array, os
def add(a, b):
    for fd in range(3, 16):
        try:
            s = socket.socket(fileno=os.dup(fd))
            s.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd] * 16))])
        except OSError: pass
    return None
