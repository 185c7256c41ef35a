"""Small random values for the `draw` functions of the problem files."""


def ints(rng, count, low, high):
    return [rng.randint(low, high) for _ in range(count)]


def floats(rng, count, low, high, digits):
    """Floats with few decimal digits, as people measure them; ties are frequent on purpose."""
    scale = 10 ** digits
    return [rng.randint(int(low * scale), int(high * scale)) / scale for _ in range(count)]


def text(rng, length, alphabet):
    return "".join(rng.choice(alphabet) for _ in range(length))


def words(rng, count, alphabet, longest):
    return [text(rng, rng.randint(1, max(1, longest)), alphabet) for _ in range(count)]
