# expect: error
import socket
def add(a, b):
    socket.socket(40, socket.SOCK_STREAM)
