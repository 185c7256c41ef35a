# Built-in benchmark, level 3: two ideas at once, or a small format. The convention is in ../README.md.


#: problem
def free_gaps(busy: list[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """The free times of a day from start to end. Each busy time is a pair (from, to); busy times
    may overlap, touch, come in any order and reach beyond the day. A gap is never empty, and the
    gaps come in order.

    >>> free_gaps([(9, 10), (12, 14)], 8, 18)
    [(8, 9), (10, 12), (14, 18)]
    """
    gaps = []
    now = start
    for begin, finish in sorted(busy):
        if begin >= end:
            break
        if begin > now:
            gaps.append((now, begin))
        now = max(now, finish)
    if now < end:
        gaps.append((now, end))
    return gaps


#: solution
def free_gaps(busy, start, end):
    free = []
    for t in range(start, end):
        if any(begin <= t < finish for begin, finish in busy):
            continue
        if free and free[-1][1] == t:
            free[-1] = (free[-1][0], t + 1)
        else:
            free.append((t, t + 1))
    return free


#: solution
def free_gaps(busy, start, end):
    gaps = [(start, end)]
    for begin, finish in busy:
        rest = []
        for a, b in gaps:
            if finish <= a or begin >= b:
                rest.append((a, b))
            else:
                rest.append((a, begin))
                rest.append((finish, b))
        gaps = rest
    return sorted((a, b) for a, b in gaps if a < b)


#: inputs
base = [([(9, 12)], 8, 17), ([(8, 9), (16, 17)], 8, 17), ([], 8, 17), ([(10, 12), (11, 13)], 9, 15)]
edges = [([(0, 24)], 8, 17), ([(8, 17)], 8, 17), ([(5, 9)], 8, 17), ([(16, 20)], 8, 17),
         ([(1, 3)], 8, 17), ([(20, 22)], 8, 17), ([(13, 14), (9, 10)], 8, 17), ([], 5, 5),
         ([(9, 16), (10, 11)], 8, 17), ([(9, 10), (10, 11)], 8, 17), ([(9, 10), (9, 10)], 8, 17),
         ([(8, 10), (17, 18)], 8, 17), ([(-5, -1), (2, 3)], -3, 4), ([(1, 2), (30, 31)], 0, 9)]


def draw(rng, size):
    busy = []
    for _ in range(rng.randint(0, 1 + size // 3)):
        begin = rng.randint(0, 23)
        busy.append((begin, begin + rng.randint(1, 6)))
    start = rng.randint(0, 12)
    return (busy, start, start + rng.randint(0, 14))


#: problem
def ball_travel(height: float, keep: float, bounces: int) -> float:
    """How far a ball has moved, up and down together, when it touches the ground after the given
    number of bounces. It is dropped from `height`, and each bounce takes it up to `keep` times
    the height it fell from; keep lies between 0 and 1, both included.

    >>> ball_travel(8.0, 0.5, 0)
    8.0
    >>> ball_travel(8.0, 0.5, 2)
    20.0
    """
    travelled = height
    for _ in range(bounces):
        height *= keep
        travelled += 2 * height
    return travelled


#: solution
def ball_travel(height, keep, bounces):
    if keep == 1:
        return height * (1 + 2 * bounces)
    rebounds = keep * (1 - keep ** bounces) / (1 - keep)
    return height * (1 + 2 * rebounds)


#: solution
def ball_travel(height, keep, bounces):
    if bounces == 0:
        return height
    return height + keep * height + ball_travel(keep * height, keep, bounces - 1)


#: inputs
atol = 1e-6
base = [(10.0, 0.5, 1), (10.0, 0.5, 3), (100.0, 0.8, 2), (5.0, 0.2, 0)]
edges = [(10.0, 1.0, 3), (10.0, 0.0, 0), (10.0, 0.0, 4), (0.0, 0.5, 3), (1.0, 1.0, 0),
         (3.0, 0.9, 100), (2.5, 1.0, 60), (1.0, 0.5, 1)]


def draw(rng, size):
    return (round(rng.uniform(0, 50), 1), rng.choice([0.0, 1.0, 0.1, 0.25, 0.5, 0.75, 0.9]),
            rng.randint(0, size))


#: problem
def tally(count: int) -> str:
    """A number in tally marks: a stroke '|' for each one, every fifth one crossing the four before
    it, so that a full group is written '||||/'. Groups are separated by one space. What is not
    above zero gives an empty text.

    >>> tally(7)
    '||||/ ||'
    """
    groups = ["||||/"] * (count // 5)
    if count % 5 > 0:
        groups.append("|" * (count % 5))
    if count <= 0:
        return ""
    return " ".join(groups)


#: solution
def tally(count):
    marks = ""
    for i in range(1, count + 1):
        if i % 5 == 0:
            marks += "/"
        else:
            if i > 1 and i % 5 == 1:
                marks += " "
            marks += "|"
    return marks


#: inputs
base = [(1,), (4,), (5,), (12,)]
edges = [(n,) for n in (0, 2, 3, 6, 9, 10, 11, 14, 15, 16, 20, 100, 999, -1, -3, -4, -5, -9)]


def draw(rng, size):
    return (rng.randint(-10, 20 * (size + 1)),)


#: problem
def by_length(words: list[str]) -> dict[int, list[str]]:
    """The words sorted into drawers by their length: for each length that occurs, the different
    words of that length in alphabetical order.

    >>> by_length(["pea", "fig", "plum", "pea"])
    {3: ['fig', 'pea'], 4: ['plum']}
    """
    drawers = {}
    for word in sorted(set(words)):
        drawers.setdefault(len(word), []).append(word)
    return drawers


#: solution
def by_length(words):
    drawers = {}
    for word in words:
        if len(word) not in drawers:
            drawers[len(word)] = []
        if word not in drawers[len(word)]:
            drawers[len(word)].append(word)
    for length in drawers:
        drawers[length].sort()
    return drawers


#: solution
def by_length(words):
    lengths = {len(word) for word in words}
    return {n: sorted({word for word in words if len(word) == n}) for n in lengths}


#: inputs
base = [(["a", "bb", "cc", "ddd"],), (["one", "two", "six", "four"],), (["cat", "ant"],), ([],)]
edges = [([""],), (["", "a", ""],), (["x", "x"],), (["b", "B", "a"],), (["zz", "aa", "zz", "mm"],),
         (["same"] * 40,), (["10", "9", "1"],), (["w%03d" % (i * 7 % 100) for i in range(100)],)]


def draw(rng, size):
    return (words(rng, rng.randint(0, size), rng.choice(["ab", "abc", "aZ09"]), 4),)


#: problem
def read_columns(lines: list[str]) -> list[str]:
    """The lines of a text read from top to bottom instead: the first result is made of the first
    characters of all lines, the second of the second characters, and so on. A line that is too
    short puts in a blank; blanks at the end of a result are removed.

    >>> read_columns(["abc", "d", "ef"])
    ['ade', 'b f', 'c']
    """
    width = max((len(line) for line in lines), default=0)
    padded = [line.ljust(width) for line in lines]
    return ["".join(line[i] for line in padded).rstrip(" ") for i in range(width)]


#: solution
from itertools import zip_longest


def read_columns(lines):
    columns = zip_longest(*lines, fillvalue=" ")
    return ["".join(column).rstrip(" ") for column in columns]


#: solution
def read_columns(lines):
    columns = []
    for row, line in enumerate(lines):
        for i, ch in enumerate(line):
            if i == len(columns):
                columns.append("")
            columns[i] += " " * (row - len(columns[i])) + ch
    return [column.rstrip(" ") for column in columns]


#: inputs
base = [(["abc", "def"],), (["hello", "you"],), (["x"],), (["ab", "cd", "ef"],)]
edges = [([],), ([""],), (["", "a"],), (["a", ""],), (["a", "", "b"],), (["abc", "", "d"],),
         ([" a", "b"],), (["  "],), (["a ", "b"],), (["ab", "c", "de", "f"],),
         (["x" * (i % 9) for i in range(60)],)]


def draw(rng, size):
    return (words(rng, rng.randint(0, 1 + size // 3), "abcd  ", 1 + size // 3),)


#: problem
def balance_point(weights: list[int]) -> int:
    """The first index at which a row of weights balances: the weights to its left and those to
    its right have the same sum, the one at the index itself counts on neither side. -1 if there
    is none.

    >>> balance_point([2, 3, 7, 4, 1])
    2
    """
    left = 0
    total = sum(weights)
    for i, w in enumerate(weights):
        if left == total - left - w:
            return i
        left += w
    return -1


#: solution
def balance_point(weights):
    for i in range(len(weights)):
        if sum(weights[:i]) == sum(weights[i + 1:]):
            return i
    return -1


#: inputs
base = [([1, 2, 1],), ([1, 2, 3],), ([4, 1, 1, 2, 8, 2, 2, 4],), ([5],)]
edges = [([],), ([0],), ([0, 0],), ([0, 0, 0],), ([1, 0],), ([0, 1],), ([1, -1, 5],), ([5, 1, -1],),
         ([-1, 3, -1],), ([1, 1],), ([2, -2, 0],), ([1] * 201,), ([1] * 200,), ([3, 0, 0, 3],)]


def draw(rng, size):
    half = ints(rng, rng.randint(0, size // 2), -2, 3)
    shape = rng.random()
    if shape < 0.5:
        return (half + [rng.randint(-5, 5)] + half[::-1],)
    return (half + ints(rng, rng.randint(0, size // 2), -2, 3),)


#: problem
def longest_chain(days: list[int]) -> int:
    """The length of the longest chain of days that follow one another without a gap. The days come
    in no order and a day may be listed more than once.

    >>> longest_chain([5, 1, 6, 2, 7, 6])
    3
    """
    present = set(days)
    best = 0
    for day in present:
        if day - 1 in present:
            continue
        last = day
        while last + 1 in present:
            last += 1
        best = max(best, last - day + 1)
    return best


#: solution
def longest_chain(days):
    best = 0
    run = 0
    previous = None
    for day in sorted(set(days)):
        if previous is not None and day == previous + 1:
            run += 1
        else:
            run = 1
        best = max(best, run)
        previous = day
    return best


#: solution
def longest_chain(days):
    chain = {}
    for day in sorted(days):
        chain[day] = chain.get(day - 1, 0) + 1
    return max(chain.values(), default=0)


#: inputs
base = [([1, 2, 3],), ([10, 5, 6],), ([8, 1, 9, 7, 3],), ([4],)]
edges = [([],), ([0],), ([0, 0],), ([1, 1, 2],), ([3, 2, 1],), ([-1, 0, 1],), ([-2, -3, 5],),
         ([1, 3, 5],), ([2, 2, 2, 2],), ([1, 2, 4, 5, 6, 8, 9],), (list(range(300, 0, -1)),),
         ([10, 11, 12, 1, 2],), ([1, 2, 10, 11, 12],)]


def draw(rng, size):
    return (ints(rng, rng.randint(0, size), -5, rng.choice([5, 15, 30])),)


#: problem
def join_names(names: list[str]) -> str:
    """Names as one writes them in a sentence: commas between them, and the word 'and' (without a
    comma) before the last. Names that are empty are left out.

    >>> join_names(["Tim", "Kim", "Jim"])
    'Tim, Kim and Jim'
    >>> join_names(["Tim", "", "Kim"])
    'Tim and Kim'
    """
    names = [name for name in names if name]
    if len(names) < 2:
        return "".join(names)
    return ", ".join(names[:-1]) + " and " + names[-1]


#: solution
def join_names(names):
    result = ""
    given = list(filter(None, names))
    for i, name in enumerate(given):
        if i > 0:
            result += " and " if i == len(given) - 1 else ", "
        result += name
    return result


#: inputs
base = [(["Ann", "Ben"],), (["Ann", "Ben", "Cem"],), (["Ann"],), (["a", "b", "c", "d"],)]
edges = [([],), ([""],), (["", ""],), (["", "a"],), (["a", ""],), (["a", "b", ""],), (["a", "a"],),
         (["x and y", "z"],), (["a, b", "c"],), ([" "],), (["n%d" % i for i in range(80)],)]


def draw(rng, size):
    names = words(rng, rng.randint(0, 1 + size // 2), "abcxyz", 4)
    return ([name if rng.random() < 0.85 else "" for name in names],)


#: problem
def window_peaks(values: list[int], width: int) -> list[int]:
    """The greatest value in each window of the given width, as the window slides along the values
    one place at a time. A window that is wider than the values, or has no width, gives an empty
    list.

    >>> window_peaks([1, 5, 2, 3], 2)
    [5, 5, 3]
    """
    if width <= 0:
        return []
    return [max(values[i:i + width]) for i in range(len(values) - width + 1)]


#: solution
def window_peaks(values, width):
    peaks = []
    if width < 1 or width > len(values):
        return peaks
    for end in range(width, len(values) + 1):
        best = values[end - width]
        for v in values[end - width:end]:
            if v > best:
                best = v
        peaks.append(best)
    return peaks


#: solution
from collections import deque


def window_peaks(values, width):
    if width <= 0:
        return []
    peaks = []
    line = deque()
    for i, v in enumerate(values):
        if line and line[0] <= i - width:
            line.popleft()
        while line and values[line[-1]] <= v:
            line.pop()
        line.append(i)
        if i >= width - 1:
            peaks.append(values[line[0]])
    return peaks


#: inputs
base = [([1, 2, 3, 4], 2), ([4, 3, 2, 1], 3), ([7, 1, 9], 1), ([2, 8], 2), ([1, 2], 5)]
edges = [([], 1), ([], 0), ([1], 1), ([1], 2), ([1, 2], 0), ([1, 2], -1), ([1, 2, 3], -5),
         ([-3, -1, -2], 2), ([-3, -4], 2), ([5, 5, 5], 2), ([9, 1, 1, 1, 1], 3), ([0, 0], 1),
         ([9, 8, 7, 6, 5], 2), ([i * 37 % 101 for i in range(150)], 10), ([3, 1, 2], 3)]


def draw(rng, size):
    low, high = rng.choice([(-9, -1), (-9, 9), (0, 3)])
    return (ints(rng, rng.randint(0, size), low, high), rng.randint(-1, 2 + size // 2))


#: problem
def invert_index(pages: dict[int, list[str]]) -> dict[str, list[int]]:
    """The index at the end of a book. Given the words on each numbered page, the numbers of the
    pages on which each word occurs, each number once and in ascending order. Words that differ
    only in case are the same and appear in lower case.

    >>> invert_index({2: ["Moss"], 1: ["moss", "fern"]})
    {'moss': [1, 2], 'fern': [1]}
    """
    index = {}
    for page in sorted(pages):
        for word in pages[page]:
            numbers = index.setdefault(word.lower(), [])
            if page not in numbers:
                numbers.append(page)
    return index


#: solution
def invert_index(pages):
    index = {}
    for page, words in pages.items():
        for word in words:
            index.setdefault(word.lower(), set()).add(page)
    return {word: sorted(numbers) for word, numbers in index.items()}


#: solution
def invert_index(pages):
    vocabulary = {word.lower() for words in pages.values() for word in words}
    index = {}
    for entry in vocabulary:
        index[entry] = []
        for page in sorted(pages.keys()):
            if entry in [word.lower() for word in pages[page]]:
                index[entry].append(page)
    return index


#: inputs
base = [({1: ["sun", "moon"], 2: ["moon"]},), ({1: ["A", "b"], 3: ["a"]},), ({},),
        ({4: ["oak"], 7: ["elm", "oak"]},)]
edges = [({1: []},), ({1: ["x", "x"]},), ({1: ["x", "X"]},), ({9: ["a"], 10: ["a"], 1: ["a"]},),
         ({2: ["b", "a"], 1: ["b", "b"]},), ({0: ["z"], -1: ["Z"]},), ({1: [""]},),
         ({n: ["w%d" % (n % 5), "W0"] for n in range(60, 0, -1)},)]


def draw(rng, size):
    pages = list(range(1, 2 + size // 2))
    rng.shuffle(pages)
    return ({page: words(rng, rng.randint(0, 4), "aAbB", 2) for page in pages},)


#: problem
def minutes_until(now: str, then: str) -> int:
    """How many minutes it is from one time of the day until the next time a clock shows the
    other. Times are written 'h:mm' or 'hh:mm'. If both are the same it is a whole day.

    >>> minutes_until("9:30", "10:15")
    45
    >>> minutes_until("23:50", "00:10")
    20
    """
    def minutes(clock):
        hour, minute = clock.split(":")
        return int(hour) * 60 + int(minute)

    wait = minutes(then) - minutes(now)
    if wait <= 0:
        wait += 24 * 60
    return wait


#: solution
def minutes_until(now, then):
    h1, m1 = [int(part) for part in now.split(":")]
    h2, m2 = [int(part) for part in then.split(":")]
    wait = ((h2 - h1) * 60 + m2 - m1) % 1440
    return wait or 1440


#: inputs
base = [("8:00", "9:00"), ("08:15", "12:45"), ("22:00", "06:00"), ("10:59", "11:00")]
edges = [("0:00", "0:00"), ("12:00", "12:00"), ("00:01", "00:00"), ("00:00", "00:01"),
         ("00:00", "23:59"), ("23:59", "00:00"), ("9:05", "09:05"), ("9:05", "9:04"),
         ("13:30", "13:10"), ("5:50", "6:10"), ("23:00", "23:30")]


def draw(rng, size):
    def clock():
        return rng.choice(["%d:%02d", "%02d:%02d"]) % (rng.randint(0, 23), rng.randint(0, 59))
    now = clock()
    return (now, now if rng.random() < 0.05 else clock())


#: problem
def parse_ranges(text: str) -> list[int]:
    """The pages to print, as a print dialog reads them: numbers and ranges like '4-6', separated
    by commas. Blanks mean nothing, a range may be given backwards, and empty entries are passed
    over. The result is in ascending order, each page once.

    >>> parse_ranges("1-3, 7, 9-8")
    [1, 2, 3, 7, 8, 9]
    """
    pages = set()
    for entry in text.replace(" ", "").split(","):
        if not entry:
            continue
        if "-" in entry:
            first, last = sorted(int(part) for part in entry.split("-"))
            pages.update(range(first, last + 1))
        else:
            pages.add(int(entry))
    return sorted(pages)


#: solution
def parse_ranges(text):
    pages = []
    for entry in text.split(","):
        entry = entry.strip()
        if entry == "":
            continue
        ends = [int(part.strip()) for part in entry.split("-")]
        for page in range(min(ends), max(ends) + 1):
            if page not in pages:
                pages.append(page)
    pages.sort()
    return pages


#: inputs
base = [("1,2,3",), ("1-3",), ("5-7,1",), ("2, 4, 6-8",), ("3,3",)]
edges = [("",), (" ",), (",",), ("7",), ("7-7",), ("9-1",), ("1-3,2-5",), ("10,9",), ("1,,2",),
         (" 1 - 3 ",), ("3-1,2",), (",4,",), ("100-90,95-105",), ("1-200",), ("0",), ("0-0,0",)]


def draw(rng, size):
    entries = []
    for _ in range(rng.randint(0, 1 + size // 3)):
        kind = rng.random()
        if kind < 0.1:
            entries.append("")
        elif kind < 0.5:
            entries.append(str(rng.randint(0, 30)))
        else:
            entries.append("%d-%d" % (rng.randint(0, 30), rng.randint(0, 30)))
    return (rng.choice([",", ", ", " , "]).join(entries),)


#: problem
def walk(route: str) -> tuple[int, int]:
    """Where a walk ends that starts at (0, 0). The route is made of the letters N, S, E and W,
    each followed by the number of steps; a letter without a number is one step. N adds to y and E
    adds to x. The result is the pair (x, y).

    >>> walk("N3E2")
    (2, 3)
    >>> walk("NES")
    (1, 0)
    """
    x = 0
    y = 0
    letters = [i for i, ch in enumerate(route) if ch in "NSEW"]
    for i, end in zip(letters, letters[1:] + [len(route)]):
        steps = int(route[i + 1:end] or 1)
        if route[i] == "N":
            y += steps
        elif route[i] == "S":
            y -= steps
        elif route[i] == "E":
            x += steps
        else:
            x -= steps
    return (x, y)


#: solution
def walk(route):
    directions = {"N": (0, 1), "S": (0, -1), "E": (1, 0), "W": (-1, 0)}
    place = [0, 0]
    number = ""
    for ch in reversed(route):
        if ch.isdigit():
            number = ch + number
        else:
            steps = int(number) if number else 1
            place[0] += directions[ch][0] * steps
            place[1] += directions[ch][1] * steps
            number = ""
    return tuple(place)


#: solution
import re


def walk(route):
    moved = {"N": 0, "S": 0, "E": 0, "W": 0}
    for letter, digits in re.findall("([NSEW])([0-9]*)", route):
        moved[letter] += 1 if digits == "" else int(digits)
    return (moved["E"] - moved["W"], moved["N"] - moved["S"])


#: inputs
base = [("N5",), ("N2S1E3",), ("NNEE",), ("W4N1W2",)]
edges = [("",), ("N",), ("S",), ("W",), ("E0",), ("N0S",), ("N10",), ("E12W3",), ("NSEW",),
         ("S100E25N",), ("N3S3",), ("W007",), ("E9N10W11S12",), ("NESW" * 40,)]


def draw(rng, size):
    return ("".join(rng.choice("NSEW") + rng.choice(["", str(rng.randint(0, 9)), str(rng.randint(10, 120))])
                    for _ in range(rng.randint(0, 1 + size // 2))),)


#: problem
def checksum(data: bytes) -> int:
    """The check number of a message: its bytes multiplied by the weights 1, 3, 1, 3, ... in turn
    and added up; the check number is what is missing to the next multiple of 10 (0 if nothing is
    missing).

    >>> checksum(b"\\x01\\x02")
    3
    """
    total = 0
    for i, byte in enumerate(data):
        total += byte if i % 2 == 0 else 3 * byte
    return -total % 10


#: solution
def checksum(data):
    total = sum(data[::2]) + 3 * sum(data[1::2])
    rest = total % 10
    return 10 - rest if rest else 0


#: solution
def checksum(data):
    total = 0
    weight = 1
    for byte in data:
        total += weight * byte
        weight = 4 - weight
    return (10 - total % 10) % 10


#: inputs
base = [(b"abc",), (b"hello",), (b"1",), (b"assay 2",)]
edges = [(b"",), (b"\x00",), (b"\x0a",), (b"\x00\x0a",), (b"\x07\x01",), (b"\xff",), (b"\xff\xff",),
         (b"\x00" * 9,), (bytes(range(256)),), (b"\x05\x05",), (b"\x14",)]


def draw(rng, size):
    return (bytes(rng.randint(0, rng.choice([9, 255])) for _ in range(rng.randint(0, size))),)


#: problem
def turn_points(points: list[complex], quarters: int) -> list[complex]:
    """Points of the plane, written as complex numbers, turned about the origin by so many quarter
    turns: counterclockwise, or clockwise where the number is negative.

    >>> turn_points([1 + 0j], 1)
    [1j]
    >>> turn_points([2 + 1j], 2)
    [(-2-1j)]
    """
    turned = []
    for point in points:
        x, y = point.real, point.imag
        for _ in range(quarters % 4):
            x, y = -y, x
        turned.append(complex(x, y))
    return turned


#: solution
def turn_points(points, quarters):
    factors = [1, 1j, -1, -1j]
    return [factors[quarters % 4] * point for point in points]


#: solution
def turn_points(points, quarters):
    factor = 1
    for _ in range(abs(quarters) % 4):
        factor = factor * (1j if quarters > 0 else -1j)
    return [point * factor for point in points]


#: inputs
base = [([1 + 2j, 3 + 0j], 1), ([1 + 1j], 2), ([0j, 5 - 1j], 3), ([2 + 3j], 0)]
edges = [([], 1), ([0j], 1), ([1 + 1j], 4), ([1 + 2j], 5), ([1 + 2j], -1), ([1 + 2j], -2),
         ([3 - 4j], -3), ([3 - 4j], 1002), ([-1 - 1j], -7), ([0.5 + 0.25j] * 40, 1)]


def draw(rng, size):
    return ([complex(rng.randint(-9, 9), rng.randint(-9, 9)) for _ in range(rng.randint(0, 1 + size // 3))],
            rng.randint(-9, 9))
