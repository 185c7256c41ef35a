"""The codec of harness/base/value/value.h, encoding, in a few lines of Python."""
import collections
import struct


def varint(n):
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


SEQUENCES = {list: b"l", tuple: b"t", set: b"S", frozenset: b"Z", collections.deque: b"q"}
MAPPINGS = {dict: b"m", collections.OrderedDict: b"O", collections.defaultdict: b"D", collections.Counter: b"C"}


def encode(v):
    t = type(v)
    if v is None:
        return b"N"
    if t is bool:
        return b"T" if v else b"F"
    if t is int:
        if -(2**63) <= v < 2**63:
            return b"i" + varint(v * 2 if v >= 0 else -v * 2 - 1)
        magnitude = abs(v).to_bytes((abs(v).bit_length() + 7) // 8, "little")
        return b"I" + bytes([v < 0]) + varint(len(magnitude)) + magnitude
    if t is float:
        return b"d" + struct.pack("<d", v)
    if t is complex:
        return b"c" + struct.pack("<dd", v.real, v.imag)
    if t is str:
        text = v.encode("utf-8", "surrogatepass")
        return b"s" + varint(len(text)) + text
    if t is bytes:
        return b"b" + varint(len(v)) + v
    if t in SEQUENCES:
        return SEQUENCES[t] + varint(len(v)) + b"".join(map(encode, v))
    return MAPPINGS[t] + varint(len(v)) + b"".join(encode(k) + encode(x) for k, x in v.items())
