# expect: error, fail, memory
# Fills the buffers of as many pairs of sockets as it may have. Must: bounded by the number of descriptors.
import socket
def add(a, b):
    pairs = []
    for _ in range(1000):
        pair = socket.socketpair()
        pairs.append(pair)
        for one in pair:
            one.setblocking(False)
            try:
                while True: one.send(b"x" * 65536)
            except BlockingIOError: pass
