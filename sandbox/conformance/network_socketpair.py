# expect: error
import socket
def add(a, b):
    for kind in socket.SOCK_DGRAM, socket.SOCK_SEQPACKET:
        try: socket.socketpair(socket.AF_UNIX, kind)
        except PermissionError: continue
        return a + b
    left, right = socket.socketpair()
    for call in (lambda: left.sendmsg([b"x"]), lambda: left.send(b"x", socket.MSG_OOB), lambda: left.bind("\0x"),
                 lambda: left.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20), lambda: left.connect("\0x"),
                 lambda: left.sendto(b"x", "\0x"), lambda: left.recvmsg(1)):
        try: call()
        except PermissionError: continue
        return a + b
    raise PermissionError("all of them")
