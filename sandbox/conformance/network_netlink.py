# expect: error
import socket
def add(a, b):
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)
