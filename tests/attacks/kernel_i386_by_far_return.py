# expect: crash, error
# Far return into the 32-bit code segment, then int 0x80 and sysenter from there: another
# architecture's table without the loader's leave. Must: killed.
import ctypes, mmap
def add(a, b):
    libc = ctypes.CDLL(None)
    libc.mmap.restype = ctypes.c_void_p
    low = libc.mmap(ctypes.c_void_p(0x10000000), 8192, 7, 0x62, -1, 0)    # MAP_32BIT
    code32 = b"\xb8\x14\x00\x00\x00\xcd\x80\x0f\x34\xf4"        # getpid by int 0x80; sysenter; hlt
    ctypes.memmove(low + 4096, code32, len(code32))
    code = (b"\x48\xbc" + (low + 2048).to_bytes(8, "little") + b"\x6a\x23\x68" +
            (low + 4096).to_bytes(4, "little") + b"\x48\xcb")
    ctypes.memmove(low, code, len(code))
    ctypes.CFUNCTYPE(ctypes.c_long)(low)()
    return a + b
