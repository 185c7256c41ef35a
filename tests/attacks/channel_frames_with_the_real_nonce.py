# expect: tampered, timeout, fail, error, crash
# Finds the extension's own memory through the dynamic loader, and the nonce in it.
import ctypes, os, struct
class Info(ctypes.Structure):
    _fields_ = [("addr", ctypes.c_size_t), ("name", ctypes.c_char_p), ("phdr", ctypes.c_void_p),
                ("phnum", ctypes.c_uint16)]
found = []
@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Info), ctypes.c_size_t, ctypes.c_void_p)
def visit(info, size, data):
    info = info.contents
    name = info.name or b""
    if b"assay" in name or b"/fd/" in name:
        for i in range(info.phnum):
            kind, flags, off, vaddr, paddr, fsz, msz, align = struct.unpack(
                "<IIQQQQQQ", ctypes.string_at(info.phdr + 56 * i, 56))
            if kind == 1 and flags & 2: found.append((info.addr + vaddr, msz))
    return 0
ctypes.CDLL(None).dl_iterate_phdr(visit, None)
def add(a, b):
    for address, size in found:
        memory = ctypes.string_at(address, size)
        for at in range(0, len(memory) - 32, 8):
            control, replies, peer, pad, nonce = struct.unpack_from("<iiiiQ", memory, at)
            if 3 < control < 32 and 3 < replies < 32 and nonce > 1 << 32:
                for fd in (control, replies):
                    for index in range(8):
                        os.write(fd, struct.pack("<QQIIQ", nonce, 10**18, index, 2, 1) + b"N")
                    os.write(fd, struct.pack("<QQIIQ", nonce, 10**18, 0, 4, 0))
                os._exit(0)
    return None
