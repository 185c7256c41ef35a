# Built-in benchmark, level 1: one loop or one decision. The convention is in ../README.md.


#: problem
def parking_fee(minutes: int) -> int:
    """A stay of up to 30 minutes is free. A longer stay costs 3 coins for every hour begun,
    counted from the first minute, but never more than 20 coins.

    >>> parking_fee(25)
    0
    >>> parking_fee(61)
    6
    """
    if minutes <= 30:
        return 0
    hours = (minutes + 59) // 60
    return min(20, 3 * hours)


#: solution
def parking_fee(minutes):
    fee = 0
    if minutes > 30:
        for start in range(0, minutes, 60):
            fee += 3
    if fee > 20:
        fee = 20
    return fee


#: solution
def parking_fee(minutes):
    hours, rest = divmod(minutes, 60)
    if rest > 0:
        hours += 1
    return 0 if minutes <= 30 else min(hours * 3, 20)


#: inputs
base = [(20,), (45,), (60,), (125,), (1000,)]
edges = [(n,) for n in (0, 1, 29, 30, 31, 59, 61, 119, 120, 121, 359, 360, 361, 420, 421, 100000)]


def draw(rng, size):
    return (rng.randint(0, 40 * (size + 1)),)


#: problem
def warmest_day(temperatures: list[float]) -> int:
    """The index of the highest temperature; of several equal ones, the first.
    Without any temperatures the answer is -1.

    >>> warmest_day([11.5, 14.0, 9.0])
    1
    >>> warmest_day([7.0, 7.0])
    0
    """
    if not temperatures:
        return -1
    return temperatures.index(max(temperatures))


#: solution
def warmest_day(temperatures):
    best = -1
    for i, t in enumerate(temperatures):
        if best == -1 or t > temperatures[best]:
            best = i
    return best


#: solution
def warmest_day(temperatures):
    best = -1
    highest = float("-inf")
    for i in range(len(temperatures)):
        if temperatures[i] > highest:
            highest = temperatures[i]
            best = i
    return best


#: inputs
base = [([20.5, 21.0, 19.0],), ([3.0, 2.0, 1.0],), ([1.0, 2.0, 2.5, 4.0],), ([15.5],), ([],)]
edges = [([-5.0, -2.5, -9.0],), ([-1.0],), ([0.0, 0.0, 0.0],), ([0.0, -1.0],), ([-3.5, -3.5],),
         ([8.0, 30.0, 30.0, 12.0, 30.0],), ([float(i % 97) for i in range(400)],)]


def draw(rng, size):
    low, high = rng.choice([(-30, -1), (-10, 10), (0, 35), (20, 23)])
    return (floats(rng, rng.randint(0, size), low, high, 1),)


#: problem
def swap_ends(text: str) -> str:
    """The text with its first and last characters exchanged.

    >>> swap_ends("tiger")
    'riget'
    >>> swap_ends("a")
    'a'
    """
    if len(text) < 2:
        return text
    return text[-1] + text[1:-1] + text[0]


#: solution
def swap_ends(text):
    letters = list(text)
    if len(letters) > 1:
        letters[0], letters[-1] = letters[-1], letters[0]
    return "".join(letters)


#: inputs
base = [("house",), ("ab",), ("x",), ("Hello world",)]
edges = [("",), (" ",), ("aa",), ("aba",), (" a",), ("\n\t",), ("äöü",), ("abc" * 100,)]


def draw(rng, size):
    return (text(rng, rng.randint(0, size), "abcXYZ 01é"),)


#: problem
def count_climbs(heights: list[int]) -> int:
    """How many steps of a walk go up: the heights are those met on the way, in order, and a
    step goes up when the height after it is greater than the one before it.

    >>> count_climbs([3, 5, 5, 4, 8])
    2
    """
    climbs = 0
    for before, after in zip(heights, heights[1:]):
        if after > before:
            climbs += 1
    return climbs


#: solution
def count_climbs(heights):
    return sum(1 for i in range(1, len(heights)) if heights[i] > heights[i - 1])


#: solution
def count_climbs(heights):
    climbs = 0
    last = None
    for height in heights:
        if last is not None and height > last:
            climbs += 1
        last = height
    return climbs


#: inputs
base = [([1, 2, 3],), ([5, 4, 3],), ([2, 7, 1, 9],), ([10],)]
edges = [([],), ([0],), ([0, 0],), ([0, 1],), ([-1, 0],), ([-5, -7, -6],), ([4, 4, 4, 4],),
         ([1, 1, 2, 2, 3, 3],), (list(range(300)),), ([7, 0, 7, 0, 7],)]


def draw(rng, size):
    spread = rng.choice([1, 2, 9, 1000])
    return (ints(rng, rng.randint(0, size), -spread, spread),)


#: problem
def clock_text(seconds: int) -> str:
    """A length of time as hours, minutes and seconds, written h:mm:ss. Hours are not padded and
    may exceed 24; a negative time begins with a minus sign.

    >>> clock_text(3725)
    '1:02:05'
    >>> clock_text(-60)
    '-0:01:00'
    """
    sign = "-" if seconds < 0 else ""
    minutes, secs = divmod(abs(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return "%s%d:%02d:%02d" % (sign, hours, minutes, secs)


#: solution
def clock_text(seconds):
    if seconds < 0:
        return "-" + clock_text(-seconds)
    parts = [str(seconds // 3600)]
    for value in (seconds // 60 % 60, seconds % 60):
        parts.append(str(value).zfill(2))
    return ":".join(parts)


#: inputs
base = [(0,), (59,), (3600,), (4000,), (86399,)]
edges = [(n,) for n in (1, 9, 10, 60, 61, 599, 600, 3599, 3601, 35999, 36000, 86400, 360000, -1,
                        -59, -60, -61, -3599, -3600, -3601, -86400)]


def draw(rng, size):
    return (rng.choice([1, 1, -1]) * rng.randint(0, 10 ** rng.randint(1, 6)),)


#: problem
def clamp_all(values: list[int], low: int, high: int) -> list[int]:
    """Every value moved into the span from low to high, both included. Where low is greater than
    high, the two are taken the other way round.

    >>> clamp_all([1, 5, 9], 2, 6)
    [2, 5, 6]
    >>> clamp_all([4], 9, 5)
    [5]
    """
    if low > high:
        low, high = high, low
    return [max(low, min(high, v)) for v in values]


#: solution
def clamp_all(values, low, high):
    bottom = min(low, high)
    top = max(low, high)
    result = []
    for v in values:
        if v < bottom:
            result.append(bottom)
        elif v > top:
            result.append(top)
        else:
            result.append(v)
    return result


#: inputs
base = [([1, 2, 3, 4, 5], 2, 4), ([10, 20, 30], 0, 100), ([0, 50], 10, 20), ([], 1, 2)]
edges = [([], 2, 1), ([5, 5], 5, 5), ([1, 9, 5], 5, 5), ([-3, 0, 3], -1, 1), ([-3, 0, 3], 1, -1),
         ([7], 7, 9), ([9], 7, 9), ([0, 0], 0, 0), (list(range(-100, 100)), -50, 50)]


def draw(rng, size):
    return (ints(rng, rng.randint(0, size), -20, 20), rng.randint(-15, 15), rng.randint(-15, 15))


#: problem
def initials(name: str) -> str:
    """The initials of a name: the first letter of each word in upper case, each followed by a
    full stop. Words stand apart by any amount of white space.

    >>> initials("ada lovelace")
    'A.L.'
    """
    return "".join(word[0].upper() + "." for word in name.split())


#: solution
def initials(name):
    result = ""
    previous = " "
    for ch in name:
        if not ch.isspace() and previous.isspace():
            result += ch.upper() + "."
        previous = ch
    return result


#: solution
def initials(name):
    words = [w for w in name.strip().replace("\t", " ").replace("\n", " ").split(" ") if w != ""]
    if not words:
        return ""
    return ".".join(w[0].upper() for w in words) + "."


#: inputs
base = [("Grace Hopper",), ("alan mathison turing",), ("Plato",), ("Mary Ann Evans",)]
edges = [("",), (" ",), ("   ",), (" x",), ("x ",), ("a  b",), ("a\tb\nc",), ("McDonald o'brien",),
         ("jean-paul sartre",), ("  lead and trail  ",), ("é ü",), ("x" * 200,), ("k l " * 60,)]


def draw(rng, size):
    gap = rng.choice([" ", "  ", "\t", " \n"])
    name = gap.join(words(rng, rng.randint(0, 1 + size // 3), "abcDEF'-", 6))
    return (rng.choice(["", "", " "]) + name + rng.choice(["", "", "  "]),)


#: problem
def zigzag_merge(left: list[int], right: list[int]) -> list[int]:
    """The two lists dealt into one like cards: first of left, first of right, second of left and
    so on. When one list ends, what is left of the other follows as it is.

    >>> zigzag_merge([1, 3], [2, 4])
    [1, 2, 3, 4]
    >>> zigzag_merge([7], [8, 9])
    [7, 8, 9]
    """
    merged = []
    for i in range(max(len(left), len(right))):
        if i < len(left):
            merged.append(left[i])
        if i < len(right):
            merged.append(right[i])
    return merged


#: solution
def zigzag_merge(left, right):
    shared = min(len(left), len(right))
    merged = []
    for a, b in zip(left, right):
        merged += [a, b]
    return merged + left[shared:] + right[shared:]


#: inputs
base = [([1, 2, 3], [10, 20, 30]), ([1, 3, 5], [2]), ([], [1, 2]), ([5], [6])]
edges = [([], []), ([1], []), ([1], [2, 3, 4]), ([0, 0], [0]), ([1, 1, 1], [1, 1]),
         (list(range(150)), list(range(100))), ([-1], [-2, -3])]


def draw(rng, size):
    return (ints(rng, rng.randint(0, size), -9, 9), ints(rng, rng.randint(0, size), -9, 9))


#: problem
def digit_rounds(number: int) -> int:
    """Replace a number by the sum of its decimal digits, again and again, until a single digit is
    left. How many times was that? The sign of the number does not count.

    >>> digit_rounds(7)
    0
    >>> digit_rounds(199)
    3
    """
    digits = str(abs(number))
    rounds = 0
    while len(digits) > 1:
        digits = str(sum(int(d) for d in digits))
        rounds += 1
    return rounds


#: solution
def digit_rounds(number):
    number = abs(number)
    if number < 10:
        return 0
    total = 0
    for d in str(number):
        total += int(d)
    return 1 + digit_rounds(total)


#: inputs
base = [(5,), (12,), (99,), (12345,)]
edges = [(n,) for n in (0, 9, 10, 11, 19, 55, 100, 198, 199, 999, -1, -9, -10, -199, 10 ** 20,
                        19999999999999999999999, 7 * 10 ** 30)]


def draw(rng, size):
    return (rng.choice([1, 1, 1, -1]) * rng.randint(0, 10 ** (1 + size // 2)),)


#: problem
def sale_total(prices: list[float], percent: float) -> float:
    """What a basket costs in a sale: the dearest item at its full price, all the others with the
    given percentage taken off. An empty basket costs 0.0.

    >>> sale_total([10.0, 4.0, 6.0], 50.0)
    15.0
    """
    if not prices:
        return 0.0
    dearest = max(prices)
    return dearest + (sum(prices) - dearest) * (1 - percent / 100)


#: solution
def sale_total(prices, percent):
    total = 0.0
    for i, price in enumerate(sorted(prices, reverse=True)):
        if i == 0:
            total += price
        else:
            total += price - price * percent / 100
    return total


#: inputs
atol = 1e-6
base = [([10.0, 20.0, 30.0], 10.0), ([5.0], 50.0), ([2.5, 2.5, 1.0], 20.0), ([100.0, 40.0], 25.0)]
edges = [([], 10.0), ([], 0.0), ([8.0], 100.0), ([3.0, 3.0], 100.0), ([3.0, 4.0], 0.0),
         ([0.0, 0.0], 30.0), ([1e6, 0.01], 33.3), ([4.0, 4.0, 4.0], 50.0), ([0.1] * 100, 7.0)]


def draw(rng, size):
    return (floats(rng, rng.randint(0, size), 0, 80, 2), float(rng.randint(0, 100)))


#: problem
def longest_vowel_run(text: str) -> int:
    """The length of the longest run of vowels (a, e, i, o, u, in either case) standing directly
    side by side.

    >>> longest_vowel_run("beautiful")
    3
    >>> longest_vowel_run("rhythm")
    0
    """
    best = 0
    run = 0
    for ch in text.lower():
        if ch in "aeiou":
            run += 1
            best = max(best, run)
        else:
            run = 0
    return best


#: solution
def longest_vowel_run(text):
    marked = ""
    for ch in text.lower():
        marked += ch if ch in ("a", "e", "i", "o", "u") else " "
    return max([len(run) for run in marked.split()], default=0)


#: inputs
base = [("banana",), ("queue",), ("sky",), ("cooperation",), ("seeing is believing",)]
edges = [("",), ("a",), ("b",), ("AEIOU",), ("aA",), ("bEAUty",), ("ea ea",), ("xaay",), ("xyaa",),
         ("aayx",), ("a-e-i",), ("oui" * 50,), ("é",)]


def draw(rng, size):
    return (text(rng, rng.randint(0, 2 * size), rng.choice(["aeiouAEbc", "aeiou bcd", "AUx"])),)


#: problem
def first_last_gap(values: list[int], wanted: int) -> int:
    """How far apart the first and the last place of the wanted value are: 0 if it is there once,
    -1 if it is not there at all.

    >>> first_last_gap([4, 1, 4, 4], 4)
    3
    >>> first_last_gap([1, 2], 9)
    -1
    """
    places = [i for i, v in enumerate(values) if v == wanted]
    if not places:
        return -1
    return places[-1] - places[0]


#: solution
def first_last_gap(values, wanted):
    first = -1
    last = -1
    for i in range(len(values)):
        if values[i] == wanted:
            if first < 0:
                first = i
            last = i
    if first < 0:
        return -1
    return last - first


#: solution
def first_last_gap(values, wanted):
    if wanted not in values:
        return -1
    first = values.index(wanted)
    last = len(values) - 1 - values[::-1].index(wanted)
    return last - first


#: inputs
base = [([1, 2, 3, 2], 2), ([5, 5, 5], 5), ([1, 2, 3], 4), ([8, 1, 8, 3, 8, 2], 8), ([1, 7, 2], 7)]
edges = [([], 0), ([0], 0), ([1], 0), ([0, 1, 0], 0), ([1, 0], 0), ([0, 1], 0), ([-1, -1], -1),
         ([3] + [1] * 200 + [3], 3), ([3] + [1] * 200, 3)]


def draw(rng, size):
    spread = rng.choice([1, 3, 8])
    return (ints(rng, rng.randint(0, size), -spread, spread), rng.randint(-spread, spread))


#: problem
def finite_mean(readings: list[float]) -> float:
    """The mean of a sensor's readings, leaving out those that are not a number or infinite. If
    none is left, the answer is 0.0.

    >>> finite_mean([1.0, float("nan"), 2.0])
    1.5
    """
    good = [r for r in readings if abs(r) < float("inf")]
    if not good:
        return 0.0
    return sum(good) / len(good)


#: solution
import math


def finite_mean(readings):
    total = 0.0
    count = 0
    for r in readings:
        if math.isnan(r) or math.isinf(r):
            continue
        total += r
        count += 1
    return total / count if count > 0 else 0.0


#: inputs
atol = 1e-6
nan, inf = float("nan"), float("inf")
base = [([1.0, 2.0, 3.0],), ([4.5, nan, 5.5],), ([inf, 2.0],), ([7.25],)]
edges = [([],), ([nan],), ([inf],), ([-inf],), ([nan, inf, -inf],), ([-inf, 3.0, 5.0],), ([0.0],),
         ([0.0, nan],), ([-1.5, 1.5],), ([-2.0, -4.0, inf],), ([1e15, 1.0],), ([0.1] * 300,)]


def draw(rng, size):
    values = floats(rng, rng.randint(0, size), -50, 50, 2)
    for odd in (nan, inf, -inf):
        if rng.random() < 0.3:
            values.insert(rng.randint(0, len(values)), odd)
    return (values,)


#: problem
def tidy_tags(tags: list[str]) -> list[str]:
    """Tags as people type them, made tidy: without white space around them and in lower case. A
    tag with nothing in it is left out, and so is one that came before. The order stays.

    >>> tidy_tags([" News", "sport", "news ", ""])
    ['news', 'sport']
    """
    tidy = []
    for tag in tags:
        tag = tag.strip().lower()
        if tag and tag not in tidy:
            tidy.append(tag)
    return tidy


#: solution
def tidy_tags(tags):
    clean = [tag.lower().strip() for tag in tags]
    return [tag for i, tag in enumerate(clean) if tag != "" and tag not in clean[:i]]


#: solution
def tidy_tags(tags):
    seen = {}
    for tag in tags:
        seen[tag.strip().lower()] = True
    seen.pop("", None)
    return list(seen.keys())


#: inputs
base = [(["Python", "code"],), (["a", "A", "b"],), ([" red", "green "],), (["x", "y", "x"],)]
edges = [([],), ([""],), (["  "],), ([" ", ""],), (["B", "a"],), (["b", "a", "B ", " A"],),
         (["two words", "Two  words", "two words "],), (["\tTab\n"],), (["É", "é"],),
         (["t%d" % (i % 50) for i in range(200)],)]


def draw(rng, size):
    tags = words(rng, rng.randint(0, size), "aAbB", 2)
    return ([rng.choice(["", "", " "]) + tag + rng.choice(["", "", " ", "  "]) for tag in tags],)
