# expect: error
import socket
def add(a, b):
    socket.socketpair()
