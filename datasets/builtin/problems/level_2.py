# Built-in benchmark, level 2: a loop with a decision or two. The convention is in ../README.md.


#: problem
def merge_stock(shop: dict[str, int], delivery: dict[str, int]) -> dict[str, int]:
    """The stock of a shop after a delivery: the numbers of equal goods added. A delivery may take
    goods back (a negative number). Goods of which exactly none are left are not listed.

    >>> merge_stock({"tea": 2, "salt": 1}, {"tea": 3, "salt": -1})
    {'tea': 5}
    """
    stock = dict(shop)
    for name, count in delivery.items():
        stock[name] = stock.get(name, 0) + count
    return {name: count for name, count in stock.items() if count != 0}


#: solution
def merge_stock(shop, delivery):
    stock = {}
    for name in list(shop) + list(delivery):
        total = shop.get(name, 0) + delivery.get(name, 0)
        if total != 0:
            stock[name] = total
    return stock


#: solution
def merge_stock(shop, delivery):
    stock = shop.copy()
    for name in delivery:
        if name in stock:
            stock[name] += delivery[name]
        else:
            stock[name] = delivery[name]
    for name in list(stock):
        if stock[name] == 0:
            del stock[name]
    return stock


#: inputs
base = [({"apple": 3, "pear": 1}, {"apple": 2}), ({"tea": 1}, {"milk": 4}), ({"nut": 5}, {}),
        ({"a": 2, "b": 2}, {"a": -2, "b": 1})]
edges = [({}, {}), ({}, {"x": 0}), ({"x": 0}, {}), ({"x": 1}, {"x": -1}), ({"x": 1}, {"x": -3}),
         ({}, {"x": -2}), ({"x": 0}, {"x": 0}), ({"x": -1, "y": 0}, {"y": 1}),
         ({"g%d" % i: i for i in range(100)}, {"g%d" % i: -i for i in range(50)})]


def draw(rng, size):
    def some():
        return {rng.choice("abcdefgh"): rng.randint(-3, 3) for _ in range(rng.randint(0, size))}
    return (some(), some())


#: problem
def rotate_text(text: str, places: int) -> str:
    """The text turned to the right like a ring: each character moves that many places on, and
    what falls off the end comes in at the front. A negative number turns to the left.

    >>> rotate_text("abcde", 2)
    'deabc'
    >>> rotate_text("abcde", -1)
    'bcdea'
    """
    if not text:
        return text
    cut = places % len(text)
    return text[len(text) - cut:] + text[:len(text) - cut]


#: solution
def rotate_text(text, places):
    n = len(text)
    return "".join(text[(i - places) % n] for i in range(n))


#: solution
def rotate_text(text, places):
    ring = list(text)
    if len(ring) < 2:
        return text
    for _ in range(abs(places) % len(ring)):
        if places > 0:
            ring.insert(0, ring.pop())
        else:
            ring.append(ring.pop(0))
    return "".join(ring)


#: inputs
base = [("hello", 1), ("hello", 3), ("abcd", -2), ("ring", 0), ("xyz", 4)]
edges = [("", 0), ("", 5), ("", -1), ("a", 7), ("ab", -3), ("abc", 3), ("abc", -3), ("abc", 300),
         ("abcdef", -13), ("abca", 1), ("0123456789" * 20, 37)]


def draw(rng, size):
    return (text(rng, rng.randint(0, size), "abcdefgh"), rng.randint(-3 * size - 3, 3 * size + 3))


#: problem
def shared_letters(words: list[str]) -> set[str]:
    """The letters that occur in every one of the words, in lower case. Upper and lower case are
    the same letter, and what is not a letter does not count. No words share no letters.

    >>> sorted(shared_letters(["Bread", "board"]))
    ['a', 'b', 'd', 'r']
    """
    if not words:
        return set()
    shared = set(words[0].lower())
    for word in words[1:]:
        shared &= set(word.lower())
    return {ch for ch in shared if ch.isalpha()}


#: solution
def shared_letters(words):
    counts = {}
    for word in words:
        for ch in set(word.lower()):
            if ch.isalpha():
                counts[ch] = counts.get(ch, 0) + 1
    return {ch for ch in counts if counts[ch] == len(words)}


#: solution
def shared_letters(words):
    result = set()
    for ch in "".join(words).lower():
        if ch.isalpha() and all(ch in word.lower() for word in words):
            result.add(ch)
    return result


#: inputs
base = [(["cat", "act"],), (["hello", "world"],), (["abc", "xyz"],), (["Tree", "rest", "STEER"],)]
edges = [([],), ([""],), (["a"],), (["a", ""],), (["", "a"],), (["A", "a"],), (["a1", "b1"],),
         (["x-y", "y-x"],), (["aab", "aba", "baa"],), (["it's", "let's"],), (["Zz", "zZ", "zoo"],)]


def draw(rng, size):
    return (words(rng, rng.randint(0, 5), rng.choice(["abc", "abcDEF", "abAB1-", "aeiou st"]), size),)


#: problem
def longest_plateau(values: list[int]) -> int:
    """The length of the longest stretch of equal values standing side by side.

    >>> longest_plateau([1, 4, 4, 4, 2, 2])
    3
    """
    best = 0
    run = 0
    for i, v in enumerate(values):
        if i > 0 and v == values[i - 1]:
            run += 1
        else:
            run = 1
        best = max(best, run)
    return best


#: solution
from itertools import groupby


def longest_plateau(values):
    return max((len(list(group)) for _, group in groupby(values)), default=0)


#: solution
def longest_plateau(values):
    if not values:
        return 0
    best = 1
    start = 0
    for i in range(1, len(values)):
        if values[i] != values[start]:
            start = i
        if i - start + 1 > best:
            best = i - start + 1
    return best


#: inputs
base = [([1, 2, 2, 3],), ([7, 7, 7],), ([1, 2, 3],), ([5, 5, 1, 1, 1, 5],)]
edges = [([],), ([0],), ([0, 0],), ([0, 1, 1, 1],), ([-1, -1, 0],), ([3, 1, 3, 3, 1, 3],),
         ([1, 1, 2],), ([2] * 300,), ([1, 2] * 100,), ([9, 8, 8, 7, 7],)]


def draw(rng, size):
    values = []
    for _ in range(rng.randint(0, 1 + size // 2)):
        values += [rng.randint(-2, 2)] * rng.randint(1, 4)
    return (values,)


#: problem
def podium(results: dict[str, int]) -> list[list[str]]:
    """The names on the three steps of a podium: first, second and third place, each in
    alphabetical order. The most points win. Those with equal points share a place, and the places
    they push back stay empty: after two winners there is no second place, after three there is
    neither a second nor a third.

    >>> podium({"Mia": 7, "Leo": 9, "Ida": 9, "Jan": 3})
    [['Ida', 'Leo'], [], ['Mia']]
    """
    steps = [[], [], []]
    for name in sorted(results):
        better = sum(1 for points in results.values() if points > results[name])
        if better < 3:
            steps[better].append(name)
    return steps


#: solution
def podium(results):
    ranking = sorted(results, key=lambda name: (-results[name], name))
    steps = [[], [], []]
    place = 0
    for i, name in enumerate(ranking):
        if i > 0 and results[name] != results[ranking[i - 1]]:
            place = i
        if place <= 2:
            steps[place].append(name)
    return steps


#: solution
def podium(results):
    points = sorted(results.values(), reverse=True)
    steps = []
    for place in range(3):
        step = []
        if place < len(points) and points.index(points[place]) == place:
            step = sorted(name for name in results if results[name] == points[place])
        steps.append(step)
    return steps


#: inputs
base = [({"a": 3, "b": 2, "c": 1},), ({"x": 10, "y": 20, "z": 30, "w": 5},), ({"p": 4, "q": 4, "r": 1},),
        ({"solo": 8},)]
edges = [({},), ({"a": 0},), ({"a": -1, "b": -2},), ({"b": 5, "a": 5},), ({"c": 1, "b": 1, "a": 1},),
         ({"d": 1, "c": 1, "b": 1, "a": 1},), ({"a": 9, "c": 5, "b": 5, "d": 1},), ({"a": 0, "b": 0, "c": 4},),
         ({"a": 9, "b": 8, "d": 7, "c": 7, "e": 7},), ({"a": 1, "b": 2, "c": 3, "d": 4},),
         ({"n%02d" % i: i * 7 % 10 for i in range(60)},)]


def draw(rng, size):
    names = list("abcdefghijklmnopqrstuvwxyz"[:size])
    rng.shuffle(names)
    spread = rng.choice([1, 3, 10])
    return ({name: rng.randint(-1, spread) for name in names},)


#: problem
def split_bill(cents: int, people: int) -> list[int]:
    """A bill shared out in whole cents, as evenly as can be: nobody pays more than one cent above
    anyone else, and those who pay the odd cents come first. Without people the list is empty.

    >>> split_bill(1000, 3)
    [334, 333, 333]
    """
    if people <= 0:
        return []
    share, odd = divmod(cents, people)
    return [share + 1] * odd + [share] * (people - odd)


#: solution
def split_bill(cents, people):
    shares = []
    left = cents
    for waiting in range(people, 0, -1):
        share = (left + waiting - 1) // waiting
        shares.append(share)
        left -= share
    return shares


#: solution
def split_bill(cents, people):
    shares = [0] * max(people, 0)
    for i in range(people):
        shares[i] = cents // people
        if i < cents % people:
            shares[i] += 1
    return shares


#: inputs
base = [(100, 4), (10, 3), (500, 2), (7, 5), (99, 1)]
edges = [(0, 3), (0, 0), (5, 0), (5, -2), (2, 5), (1, 1), (1, 2), (9, 9), (8, 9), (10, 9),
         (123456, 100), (999999, 7)]


def draw(rng, size):
    return (rng.randint(0, 10 ** rng.randint(1, 5)), rng.randint(0, size))


#: problem
def trimmed_mean(values: list[float], cut: int) -> float:
    """The mean of the values without the `cut` smallest and the `cut` greatest of them. If that
    leaves nothing, the answer is 0.0.

    >>> trimmed_mean([1.0, 2.0, 3.0, 100.0], 1)
    2.5
    """
    kept = sorted(values)[cut:len(values) - cut]
    if len(values) <= 2 * cut:
        return 0.0
    return sum(kept) / len(kept)


#: solution
def trimmed_mean(values, cut):
    rest = list(values)
    for _ in range(cut):
        if len(rest) < 2:
            return 0.0
        rest.remove(min(rest))
        rest.remove(max(rest))
    if not rest:
        return 0.0
    total = 0.0
    for v in rest:
        total += v
    return total / len(rest)


#: inputs
atol = 1e-6
base = [([1.0, 2.0, 3.0, 4.0, 5.0], 1), ([10.0, 20.0], 0), ([5.0, 1.0, 9.0, 3.0], 1),
        ([2.0, 2.0, 8.0], 1)]
edges = [([], 0), ([], 1), ([1.0], 0), ([1.0], 1), ([1.0, 2.0], 1), ([1.0, 2.0, 3.0], 1),
         ([1.0, 2.0, 3.0], 2), ([-1.0, -5.0, -3.0], 1), ([9.0, 9.0, 9.0, 9.0, 1.0], 2),
         ([float(i) for i in range(100)], 49), ([float(i) for i in range(100)], 50)]


def draw(rng, size):
    return (floats(rng, rng.randint(0, size), -40, 60, 1), rng.randint(0, 2 + size // 4))


#: problem
def bump_version(version: str, part: int) -> str:
    """The next version number: the part with the given place (0 is the leftmost) goes up by one
    and all parts after it become 0. A version with too few parts is filled up with zeros first.

    >>> bump_version("1.4.9", 1)
    '1.5.0'
    >>> bump_version("2", 1)
    '2.1'
    """
    numbers = [int(piece) for piece in version.split(".")]
    while len(numbers) <= part:
        numbers.append(0)
    numbers[part] += 1
    for i in range(part + 1, len(numbers)):
        numbers[i] = 0
    return ".".join(str(n) for n in numbers)


#: solution
def bump_version(version, part):
    pieces = version.split(".")
    pieces += ["0"] * (part + 1 - len(pieces))
    result = []
    for i, piece in enumerate(pieces):
        if i < part:
            result.append(str(int(piece)))
        elif i == part:
            result.append(str(int(piece) + 1))
        else:
            result.append("0")
    return ".".join(result)


#: inputs
base = [("1.2.3", 2), ("1.2.3", 0), ("0.9", 1), ("3.1.4.1", 1)]
edges = [("0", 0), ("9", 0), ("9.9", 1), ("1", 3), ("0.0.0", 0), ("10.0.99", 2), ("1.2.3", 3),
         ("1.2.3", 4), ("7.8.9.10.11", 2), ("99.99.99", 1), ("05.1", 1), ("1.02", 0)]


def draw(rng, size):
    parts = [str(rng.choice([rng.randint(0, 3), rng.randint(0, 120), 9])) for _ in range(rng.randint(1, 5))]
    return (".".join(parts), rng.randint(0, 5))


#: problem
def pick_column(rows: list[list[int]], place: int) -> list[int]:
    """The entries of a ragged table that stand at the given place of their row, from top to
    bottom. A negative place counts from the end of the row (-1 is the last). Rows that have no
    such place are passed over.

    >>> pick_column([[1, 2], [3], [4, 5, 6]], 1)
    [2, 5]
    >>> pick_column([[1, 2], [], [3]], -1)
    [2, 3]
    """
    column = []
    for row in rows:
        if -len(row) <= place < len(row):
            column.append(row[place])
    return column


#: solution
def pick_column(rows, place):
    if place >= 0:
        return [row[place] for row in rows if len(row) > place]
    return [row[place] for row in rows if len(row) >= -place]


#: solution
def pick_column(rows, place):
    column = []
    for row in rows:
        try:
            column.append(row[place])
        except IndexError:
            pass
    return column


#: inputs
base = [([[1, 2, 3], [4, 5, 6]], 0), ([[1, 2, 3], [4, 5, 6]], 2), ([[1], [2, 3], [4, 5]], 1),
        ([[7, 8, 9], [1, 2]], -1)]
edges = [([], 0), ([[]], 0), ([[]], -1), ([[1]], -1), ([[1]], -2), ([[1]], 1), ([[1, 2]], -2),
         ([[1, 2], [3]], -2), ([[0], [0, 0], []], 0), ([[i] * (i % 7) for i in range(60)], 3)]


def draw(rng, size):
    rows = [ints(rng, rng.randint(0, 5), -9, 9) for _ in range(rng.randint(0, size // 2))]
    return (rows, rng.randint(-6, 6))


#: problem
def squeeze(signals: list[str], least: int) -> list[tuple[str, int]]:
    """A long record of signals in short: for each stretch of equal signals a pair of the signal
    and how many times in a row it came. Stretches of fewer than `least` signals are left out.

    >>> squeeze(["red", "red", "green", "red"], 1)
    [('red', 2), ('green', 1), ('red', 1)]
    >>> squeeze(["red", "red", "green", "red"], 2)
    [('red', 2)]
    """
    runs = []
    for signal in signals:
        if runs and runs[-1][0] == signal:
            runs[-1] = (signal, runs[-1][1] + 1)
        else:
            runs.append((signal, 1))
    return [run for run in runs if run[1] >= least]


#: solution
def squeeze(signals, least):
    if not signals:
        return []
    runs = []
    current = signals[0]
    count = 1
    for signal in signals[1:]:
        if signal == current:
            count += 1
        else:
            if count >= least:
                runs.append((current, count))
            current = signal
            count = 1
    if count >= least:
        runs.append((current, count))
    return runs


#: solution
from itertools import groupby


def squeeze(signals, least):
    runs = []
    for signal, group in groupby(signals):
        length = len(list(group))
        if length >= least:
            runs.append((signal, length))
    return runs


#: inputs
base = [(["a", "a", "b"], 1), (["on", "off", "on"], 1), (["x", "x", "x", "y"], 2), (["go"], 1)]
edges = [([], 1), ([], 0), (["a"], 2), (["a", "a"], 2), (["a", "a"], 3), (["", ""], 1), (["a", "A", "a"], 1),
         (["b", "a", "a", "a", "c", "c"], 2), (["b", "b", "a", "b", "b"], 2), (["a", "b", "b"], 2),
         (["z"] * 150, 100), (["x", "y"] * 60, 1), (["x", "y"] * 20, 2), (["a", "b"], 0), (["a"], -1)]


def draw(rng, size):
    signals = []
    for _ in range(rng.randint(0, 1 + size // 2)):
        signals += [rng.choice(["red", "green", "off"])] * rng.randint(1, 4)
    return (signals, rng.randint(0, 4))


#: problem
def trend(values: list[int]) -> str:
    """How a series of measurements moves: 'flat' if it never changes, 'rising' if it changes and
    never goes down, 'falling' if it changes and never goes up, else 'mixed'. A series of fewer
    than two values is flat.

    >>> trend([1, 1, 4])
    'rising'
    >>> trend([3, 9, 2])
    'mixed'
    """
    ups = 0
    downs = 0
    for before, after in zip(values, values[1:]):
        if after > before:
            ups += 1
        elif after < before:
            downs += 1
    if ups and downs:
        return "mixed"
    if ups:
        return "rising"
    if downs:
        return "falling"
    return "flat"


#: solution
def trend(values):
    if len(set(values)) <= 1:
        return "flat"
    if values == sorted(values):
        return "rising"
    if values == sorted(values, reverse=True):
        return "falling"
    return "mixed"


#: solution
def trend(values):
    state = "flat"
    for i in range(1, len(values)):
        step = values[i] - values[i - 1]
        if step == 0:
            continue
        move = "rising" if step > 0 else "falling"
        if state == "flat":
            state = move
        elif state != move:
            return "mixed"
    return state


#: inputs
base = [([1, 2, 3],), ([9, 5, 1],), ([4, 4, 4],), ([1, 3, 2],), ([2, 2, 5, 7],)]
edges = [([],), ([0],), ([0, 1],), ([1, 0],), ([5, 5, 4],), ([5, 4, 4],), ([1, 1, 2, 1, 1],),
         ([2, 1, 2],), ([-1, -2],), ([-2, -1, -1],), ([1, 2, 2, 1],), (list(range(200)) + [198],),
         (list(range(200, 0, -1)),), ([3, 3, 3, 2, 3],)]


def draw(rng, size):
    values = ints(rng, rng.randint(0, size), -4, 4)
    return (rng.choice([values, sorted(values), sorted(values, reverse=True)]),)


#: problem
def mark_averages(marks: dict[str, list[float]]) -> dict[str, float]:
    """The average mark of each pupil. Pupils without any marks are left out.

    >>> mark_averages({"Eva": [1.0, 2.0], "Tom": []})
    {'Eva': 1.5}
    """
    return {name: sum(given) / len(given) for name, given in marks.items() if given}


#: solution
def mark_averages(marks):
    averages = {}
    for name in marks:
        total = 0.0
        count = 0
        for mark in marks[name]:
            total += mark
            count += 1
        if count > 0:
            averages[name] = total / count
    return averages


#: inputs
atol = 1e-6
base = [({"Ann": [2.0, 4.0], "Bob": [3.0]},), ({"Cy": [1.0, 1.0, 4.0]},), ({},),
        ({"Di": [5.5, 4.5], "Ed": [6.0, 5.0, 1.0]},)]
edges = [({"A": []},), ({"A": [], "B": [1.0]},), ({"A": [0.0]},), ({"A": [0.0, 0.0]},),
         ({"A": [-1.0, 1.0]},), ({"A": [0.1] * 50},), ({"": [2.0]},),
         ({"p%d" % i: [float(i), 1.0] for i in range(60)},)]


def draw(rng, size):
    return ({name: floats(rng, rng.randint(0, 6), 0, 6, 1)
             for name in words(rng, rng.randint(0, 1 + size // 3), "abcd", 3)},)


#: problem
def next_free(taken: set[int], start: int) -> int:
    """The smallest seat number, from `start` on, that is not taken.

    >>> next_free({3, 4, 6}, 3)
    5
    >>> next_free({3, 4, 6}, 1)
    1
    """
    for seat in range(start, start + len(taken) + 1):
        if seat not in taken:
            return seat
    return start


#: solution
def next_free(taken, start):
    seat = start
    for other in sorted(taken):
        if other == seat:
            seat += 1
        elif other > seat:
            break
    return seat


#: solution
def next_free(taken, start):
    return min(set(range(start, start + len(taken) + 1)) - taken)


#: inputs
base = [({1, 2, 3}, 1), ({1, 2, 3}, 2), ({5, 6}, 1), ({1, 3}, 1)]
edges = [(set(), 0), (set(), 7), ({0}, 0), ({1}, 0), ({-1, 0, 1}, -1), ({-3, -2}, -5), ({4}, 5),
         ({10, 11, 13}, 10), (set(range(200)), 0), (set(range(0, 200, 2)), 100), ({1, 2, 9}, 9)]


def draw(rng, size):
    return (set(ints(rng, rng.randint(0, 2 * size), -5, size)), rng.randint(-6, size))


#: problem
def board_neighbours(width: int, height: int, square: tuple[int, int]) -> list[tuple[int, int]]:
    """The squares that share a side with the given square (x, y) of a board, in ascending order.
    x runs from 0 to width - 1 and y from 0 to height - 1; a square off the board has none.

    >>> board_neighbours(3, 3, (0, 1))
    [(0, 0), (0, 2), (1, 1)]
    """
    x, y = square
    if not (0 <= x < width and 0 <= y < height):
        return []
    near = [(x - 1, y), (x, y - 1), (x, y + 1), (x + 1, y)]
    return [(a, b) for a, b in near if 0 <= a < width and 0 <= b < height]


#: solution
def board_neighbours(width, height, square):
    x, y = square
    found = []
    if x < 0 or y < 0 or x >= width or y >= height:
        return found
    if x > 0:
        found.append((x - 1, y))
    if y > 0:
        found.append((x, y - 1))
    if y < height - 1:
        found.append((x, y + 1))
    if x < width - 1:
        found.append((x + 1, y))
    return found


#: solution
def board_neighbours(width, height, square):
    cells = {(a, b) for a in range(width) for b in range(height)}
    if square not in cells:
        return []
    x, y = square
    steps = [(-1, 0), (1, 0), (0, -1), (0, 1)]
    return sorted((x + dx, y + dy) for dx, dy in steps if (x + dx, y + dy) in cells)


#: inputs
base = [(3, 3, (1, 1)), (3, 3, (0, 0)), (4, 2, (3, 1)), (5, 5, (2, 4))]
edges = [(1, 1, (0, 0)), (0, 0, (0, 0)), (2, 1, (0, 0)), (1, 2, (0, 1)), (3, 3, (3, 3)),
         (3, 3, (-1, 0)), (3, 3, (0, -1)), (3, 3, (3, 0)), (3, 3, (0, 3)), (3, 2, (2, 1)),
         (2, 3, (1, 2)), (0, 5, (0, 2)), (20, 30, (19, 29))]


def draw(rng, size):
    width, height = rng.randint(0, 7), rng.randint(0, 7)
    return (width, height, (rng.randint(-1, width + 1), rng.randint(-1, height + 1)))


#: problem
def average_speed(legs: list[tuple[float, float]]) -> float:
    """The average speed of a journey in km/h. Each leg is a pair of the distance in km and the
    speed in km/h at which it was driven (always above zero). No legs, or no distance: 0.0.

    >>> average_speed([(60.0, 60.0), (60.0, 30.0)])
    40.0
    """
    distance = sum(d for d, _ in legs)
    hours = sum(d / speed for d, speed in legs)
    if hours == 0:
        return 0.0
    return distance / hours


#: solution
def average_speed(legs):
    distance = 0.0
    hours = 0.0
    for leg in legs:
        distance += leg[0]
        hours += leg[0] / leg[1]
    return distance / hours if distance > 0 else 0.0


#: inputs
atol = 1e-6
base = [([(100.0, 50.0)],), ([(100.0, 50.0), (100.0, 100.0)],), ([(30.0, 60.0), (90.0, 60.0)],)]
edges = [([],), ([(0.0, 50.0)],), ([(0.0, 10.0), (0.0, 20.0)],), ([(0.0, 10.0), (5.0, 20.0)],),
         ([(1.0, 1.0), (1.0, 1000.0)],), ([(0.001, 0.5)],), ([(10.0, 5.0)] * 100,)]


def draw(rng, size):
    return ([(float(rng.randint(0, 90)), float(rng.randint(1, 130)))
             for _ in range(rng.randint(0, 1 + size // 2))],)
