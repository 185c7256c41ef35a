# expect: tampered, fail, error, crash
# The right nonce, and "done" before a single answer.
import ctypes, os, struct
class Info(ctypes.Structure):
    _fields_ = [("addr", ctypes.c_size_t), ("name", ctypes.c_char_p), ("phdr", ctypes.c_void_p),
                ("phnum", ctypes.c_uint16)]
found = []
@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Info), ctypes.c_size_t, ctypes.c_void_p)
def visit(info, size, data):
    info = info.contents
    if b"assay" in (info.name or b"") or b"/fd/" in (info.name or b""):
        for i in range(info.phnum):
            kind, flags, off, vaddr, paddr, fsz, msz, align = struct.unpack(
                "<IIQQQQQQ", ctypes.string_at(info.phdr + 56 * i, 56))
            if kind == 1 and flags & 2: found.append((info.addr + vaddr, msz))
    return 0
ctypes.CDLL(None).dl_iterate_phdr(visit, None)
for address, size in found:
    memory = ctypes.string_at(address, size)
    for at in range(0, len(memory) - 32, 8):
        control, replies, peer, pad, nonce = struct.unpack_from("<iiiiQ", memory, at)
        if 3 < control < 32 and 3 < replies < 32 and nonce > 1 << 32:
            os.write(replies, struct.pack("<QQIIQ", nonce, 0, 0, 1, 0))
            os.write(replies, struct.pack("<QQIIQ", nonce, 0, 0, 4, 0))
            os._exit(0)
def add(a, b):
    return None
