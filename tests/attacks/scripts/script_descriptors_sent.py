# expect: fail, error, tampered
# Sends its streams to whoever listens.
import array, os, socket
for fd in range(2, 256):
    try:
        line = socket.socket(fileno=os.dup(fd))
        line.setblocking(False)
        line.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1]))])
    except OSError:
        pass
print("sent")
