# expect: error
import socket
def add(a, b):
    socket.socket(socket.AF_UNIX).connect('\0x')
