# expect: error
import socket
def add(a, b):
    socket.create_connection(('127.0.0.1', 80), 1)
