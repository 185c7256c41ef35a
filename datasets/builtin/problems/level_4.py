# Built-in benchmark, level 4: an algorithm, or many cases to hold apart. The convention is in ../README.md.


#: problem
def unpack(box: list, depth: int) -> list:
    """The things in a box, taken out in order. A box is a list and may hold further boxes (lists
    or tuples). Boxes down to the given depth are opened as well, where 1 means those directly in
    the first box; deeper ones are taken out closed. Texts and all other things come out whole.

    >>> unpack([1, [2, (3, "ab")], []], 2)
    [1, 2, 3, 'ab']
    >>> unpack([1, [2, (3, "ab")], []], 1)
    [1, 2, (3, 'ab')]
    """
    things = []
    for item in box:
        if depth > 0 and isinstance(item, (list, tuple)):
            things += unpack(item, depth - 1)
        else:
            things.append(item)
    return things


#: solution
def unpack(box, depth):
    things = list(box)
    for _ in range(depth):
        opened = []
        for item in things:
            if type(item) in (list, tuple):
                opened.extend(item)
            else:
                opened.append(item)
        if len(opened) == len(things) and opened == things:
            break
        things = opened
    return things


#: solution
def unpack(box, depth):
    things = []

    def take(item, level):
        if isinstance(item, (list, tuple)) and level <= depth:
            for inner in item:
                take(inner, level + 1)
        else:
            things.append(item)

    take(box, 0)
    return things


#: inputs
base = [([1, 2, 3], 1), ([1, [2, 3]], 1), ([[1], [2], [3, [4]]], 2), (["a", ["b", 2]], 1), ([1, [2]], 0)]
edges = [([], 0), ([], 2), ([[]], 0), ([[]], 1), ([[], [[]]], 1), ([[], [[]]], 2), ([()], 1), ([()], 0),
         ([(1, 2), [3]], 1), (["", ["ab"]], 5), ([None], 1), ([0, [False, [0.5]]], 3), ([{"k": [1]}], 2),
         ([[[[[[1]]]]], 2], 3), ([[[[[[1]]]]], 2], 9), ([[i, [i]] for i in range(60)], 1),
         ([{1, 2}, ({3},)], 1), ([b"xy", [b""]], 1), ([(1, (2, (3,)))], 2), ([[1, 2]], 1)]


def draw(rng, size):
    def box(depth):
        items = []
        for _ in range(rng.randint(0, 4)):
            if depth > 0 and rng.random() < 0.5:
                inner = box(depth - 1)
                items.append(tuple(inner) if rng.random() < 0.4 else inner)
            else:
                items.append(rng.choice([rng.randint(-5, 5), "ab", "", None, 1.5]))
        return items
    return (box(1 + size // 6), rng.randint(0, 4))


#: problem
def shelf_fillings(width: int, books: list[int], copies: int) -> int:
    """In how many ways a shelf can be filled exactly. The books come in the given thicknesses (all
    above zero), and of each thickness there are `copies`; a thickness listed twice is still one
    kind of book. Only how many of each kind are used matters, not their order. A shelf of width 0
    is filled in one way.

    >>> shelf_fillings(5, [1, 2], 3)
    2
    >>> shelf_fillings(5, [1, 2], 1)
    0
    """
    ways = [1] + [0] * width
    for book in set(books):
        more = [0] * (width + 1)
        for w in range(width + 1):
            for count in range(copies + 1):
                if count * book <= w:
                    more[w] += ways[w - count * book]
        ways = more
    return ways[width]


#: solution
def shelf_fillings(width, books, copies):
    kinds = sorted(set(books), reverse=True)

    def fill(left, first):
        if first == len(kinds):
            return 1 if left == 0 else 0
        ways = 0
        for count in range(copies + 1):
            if count * kinds[first] <= left:
                ways += fill(left - count * kinds[first], first + 1)
        return ways

    return fill(width, 0)


#: solution
def shelf_fillings(width, books, copies):
    reached = {0: 1}
    for book in dict.fromkeys(books):
        wider = {}
        for filled, ways in reached.items():
            for count in range(copies + 1):
                total = filled + count * book
                if total > width:
                    break
                wider[total] = wider.get(total, 0) + ways
        reached = wider
    return reached.get(width, 0)


#: inputs
base = [(4, [1, 2], 4), (10, [2, 5], 5), (7, [3], 2), (6, [1, 2, 3], 2)]
edges = [(0, [1], 1), (0, [], 0), (3, [], 2), (1, [2], 3), (5, [5], 1), (5, [5, 5], 1), (5, [5], 0),
         (0, [2, 3], 0), (6, [2, 2, 3], 3), (9, [3, 1, 3], 2), (30, [1, 2, 5], 9), (25, [7, 11], 3),
         (12, [12, 6, 4, 3], 1), (2, [3, 2, 1], 1), (10, [5, 5], 2)]


def draw(rng, size):
    return (rng.randint(0, 1 + size), ints(rng, rng.randint(0, 4), 1, 8), rng.randint(0, 5))


#: problem
def polygon_area(corners: list[tuple[float, float]]) -> float:
    """The area of a polygon whose corners are given in order along its outline, either way round.
    Its sides do not cross. Fewer than three corners have no area.

    >>> polygon_area([(0.0, 0.0), (4.0, 0.0), (4.0, 3.0)])
    6.0
    """
    if len(corners) < 3:
        return 0.0
    twice = 0.0
    for i in range(len(corners)):
        x1, y1 = corners[i - 1]
        x2, y2 = corners[i]
        twice += x1 * y2 - x2 * y1
    return abs(twice) / 2


#: solution
def polygon_area(corners):
    area = 0.0
    for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1]):
        area += (x2 - x1) * (y1 + y2) / 2
    return abs(area)


#: solution
def polygon_area(corners):
    area = 0.0
    for i in range(1, len(corners) - 1):
        ax = corners[i][0] - corners[0][0]
        ay = corners[i][1] - corners[0][1]
        bx = corners[i + 1][0] - corners[0][0]
        by = corners[i + 1][1] - corners[0][1]
        area += (ax * by - ay * bx) / 2
    return abs(area)


#: inputs
atol = 1e-6
base = [([(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)],), ([(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)],),
        ([(0.0, 0.0), (5.0, 0.0), (5.0, 1.0), (2.0, 4.0)],)]
edges = [([],), ([(3.0, 4.0)],), ([(0.0, 1.0), (5.0, 2.0)],), ([(0.0, 0.0), (1.0, 1.0), (2.0, 2.0)],),
         ([(0.0, 1.0), (1.0, 0.0), (0.0, 0.0)],), ([(-1.0, -1.0), (-1.0, 1.0), (1.0, 1.0), (1.0, -1.0)],),
         ([(10.0, 10.0), (14.0, 10.0), (14.0, 13.0)],), ([(1.0, 1.0)] * 4,),
         ([(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (2.0, 1.0), (0.0, 4.0)],)]


def draw(rng, size):
    count = rng.randint(0, 2 + size // 2)
    right = sorted(rng.sample(range(-30, 31), min(60, count)))
    upper = [(float(x), float(rng.randint(1, 20))) for x in right]
    lower = [(float(x), -float(rng.randint(1, 20))) for x in reversed(right)]
    outline = rng.choice([upper + lower, lower[::-1] + upper[::-1], upper, lower])
    shift = rng.choice([0.0, 0.5, 25.0])
    return ([(x + shift, y + shift) for x, y in outline],)


#: problem
def count_islands(rows: list[str]) -> int:
    """How many islands a map shows. '#' is land and everything else is water; two pieces of land
    belong to one island if one can walk from one to the other over land, going up, down, left and
    right. The rows of the map may differ in length.

    >>> count_islands(["##.", "..#", "#.#"])
    3
    """
    land = {(r, c) for r, row in enumerate(rows) for c, ch in enumerate(row) if ch == "#"}
    islands = 0
    while land:
        islands += 1
        border = [land.pop()]
        while border:
            r, c = border.pop()
            for near in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
                if near in land:
                    land.remove(near)
                    border.append(near)
    return islands


#: solution
def count_islands(rows):
    grid = [list(row) for row in rows]

    def sink(r, c):
        if r < 0 or r >= len(grid) or c < 0 or c >= len(grid[r]) or grid[r][c] != "#":
            return
        grid[r][c] = "."
        sink(r - 1, c)
        sink(r + 1, c)
        sink(r, c - 1)
        sink(r, c + 1)

    islands = 0
    for r in range(len(grid)):
        for c in range(len(grid[r])):
            if grid[r][c] == "#":
                islands += 1
                sink(r, c)
    return islands


#: solution
def count_islands(rows):
    label = {}
    for r, row in enumerate(rows):
        for c, ch in enumerate(row):
            if ch != "#":
                continue
            label[(r, c)] = (r, c)
            for near in ((r - 1, c), (r, c - 1)):
                if near in label:
                    old = label[near]
                    new = label[(r, c)]
                    for cell in label:
                        if label[cell] == old:
                            label[cell] = new
    return len(set(label.values()))


#: inputs
base = [(["#.#", "...", "#.#"],), (["###", "###"],), (["...", "..."],), (["##..", "##..", "..##"],)]
edges = [([],), ([""],), (["#"],), (["."],), (["#.", ".#"],), (["", "#"],), (["#", ".#"],),
         (["#.#", "#"],), (["###", "#.#", "###"],), (["#.#", "###"],), (["###", "..#", "###"],),
         (["#.#.#", "#####"],), (["# x#"],), (["#" * 12] * 12,), (["#." * 8, ".#" * 8] * 4,),
         (["..#", "###", "#.."],), (["#..#", "#..#", "####"],)]


def draw(rng, size):
    share = rng.choice(["#.", "##.", "#..", "#.~"])
    width = rng.randint(0, 1 + size // 2)
    rows = [text(rng, width, share) for _ in range(rng.randint(0, 1 + size // 3))]
    if rows and rng.random() < 0.3:
        rows[-1] = rows[-1][:width // 2]
    return (rows,)


#: problem
def outline_numbers(depths: list[int]) -> list[str]:
    """The numbers of a document's headings, from the depth of each (0 is a chapter). Every heading
    counts on from the one before it at its depth; a heading above starts the count afresh. A level
    that was left out on the way down is written 0.

    >>> outline_numbers([0, 1, 1, 0, 1])
    ['1', '1.1', '1.2', '2', '2.1']
    >>> outline_numbers([0, 2])
    ['1', '1.0.1']
    """
    counts = []
    numbers = []
    for depth in depths:
        counts = (counts + [0] * depth)[:depth + 1]
        if len(counts) <= depth:
            counts.append(0)
        counts[depth] += 1
        numbers.append(".".join(str(c) for c in counts))
    return numbers


#: solution
def outline_numbers(depths):
    counts = [0] * (max(depths, default=0) + 1)
    numbers = []
    for depth in depths:
        counts[depth] += 1
        for deeper in range(depth + 1, len(counts)):
            counts[deeper] = 0
        numbers.append(".".join(map(str, counts[:depth + 1])))
    return numbers


#: solution
def outline_numbers(depths):
    numbers = []
    for i, depth in enumerate(depths):
        parts = []
        for level in range(depth + 1):
            count = 0
            for other in depths[:i + 1]:
                if other < level:
                    count = 0
                elif other == level:
                    count += 1
            parts.append(str(count))
        numbers.append(".".join(parts))
    return numbers


#: inputs
base = [([0, 0, 0],), ([0, 1, 0, 1],), ([0, 1, 1, 2, 0],), ([0],), ([0, 1, 2, 2, 1],)]
edges = [([],), ([1],), ([1, 0],), ([2, 1, 0],), ([0, 2, 1],), ([0, 1, 2, 0, 2],), ([0, 1, 2, 0, 1, 2],),
         ([0, 2, 2],), ([3, 3],), ([0] * 120,), ([0, 1, 0, 0, 1],), ([0, 3, 0, 3],), ([1, 1, 0, 1],),
         ([0] * 9 + [1] * 11,)]


def draw(rng, size):
    depths = []
    for _ in range(rng.randint(0, size)):
        depths.append(rng.choice([0, rng.randint(0, 4), (depths or [0])[-1], min(4, (depths or [0])[-1] + 1)]))
    return (depths,)


#: problem
def slanted_lines(table: list[list[int]]) -> list[list[int]]:
    """The slanted lines of a table whose rows are equally long: each goes from the left or bottom
    edge up to the right. The line through the top left corner comes first, and each line is read
    from its lower left end.

    >>> slanted_lines([[1, 2], [3, 4]])
    [[1], [3, 2], [4]]
    """
    if not table or not table[0]:
        return []
    lines = [[] for _ in range(len(table) + len(table[0]) - 1)]
    for r in range(len(table) - 1, -1, -1):
        for c, value in enumerate(table[r]):
            lines[r + c].append(value)
    return lines


#: solution
def slanted_lines(table):
    height = len(table)
    width = len(table[0]) if table else 0
    lines = []
    for total in range(height + width - 1):
        line = []
        for c in range(width):
            r = total - c
            if 0 <= r < height:
                line.append(table[r][c])
        lines.append(line)
    return lines if width > 0 else []


#: inputs
base = [([[1, 2, 3], [4, 5, 6], [7, 8, 9]],), ([[1, 2], [3, 4]],), ([[5]],), ([[1, 2, 3], [4, 5, 6]],)]
edges = [([],), ([[]],), ([[], []],), ([[1, 2, 3]],), ([[1], [2], [3]],), ([[0, 0], [0, 0]],),
         ([[1, 2], [3, 4], [5, 6]],), ([[-1, -2], [-3, -4]],),
         ([[10 * r + c for c in range(9)] for r in range(12)],)]


def draw(rng, size):
    width = rng.randint(0, 1 + size // 4)
    return ([ints(rng, width, -9, 9) for _ in range(rng.randint(0, 1 + size // 4))],)


#: problem
from typing import Optional


def best_pair(prices: list[int], voucher: int) -> Optional[tuple[int, int]]:
    """Two different items to spend a voucher on, so that the sum of their prices comes as near to
    the voucher as it can, below or above. The answer is the pair of prices, the smaller first. If
    several pairs are equally near, take the one whose smaller price is smallest, and then the one
    whose greater price is smallest. With fewer than two items there is no pair: None.

    >>> best_pair([8, 3, 5, 14], 10)
    (3, 8)
    """
    best = None
    for i in range(len(prices)):
        for j in range(i + 1, len(prices)):
            low, high = sorted((prices[i], prices[j]))
            rank = (abs(low + high - voucher), low, high)
            if best is None or rank < best:
                best = rank
    return None if best is None else (best[1], best[2])


#: solution
from itertools import combinations


def best_pair(prices, voucher):
    pairs = list(combinations(sorted(prices), 2))
    if not pairs:
        return None
    return min(pairs, key=lambda pair: (abs(pair[0] + pair[1] - voucher), pair))


#: solution
def best_pair(prices, voucher):
    ordered = sorted(prices)
    best = None
    distance = None
    for i, low in enumerate(ordered):
        for high in ordered[i + 1:]:
            d = abs(voucher - low - high)
            if distance is None or d < distance:
                distance = d
                best = (low, high)
    return best


#: inputs
base = [([1, 2, 3, 4], 7), ([10, 20, 30], 45), ([5, 5], 9), ([1, 9, 4, 6], 10), ([7], 7)]
edges = [([], 3), ([3], 6), ([3, 3], 0), ([0, 0, 0], 0), ([5, 1], 100), ([5, 1], 0), ([4, 6, 5, 5], 10),
         ([1, 2, 3], 4), ([9, 1, 4, 8], 11), ([1, 4, 6], 6), ([100, 1], 50), ([2, 8, 5], 5),
         (list(range(0, 80, 2)), 75)]


def draw(rng, size):
    return (ints(rng, rng.randint(0, 2 + size // 2), 0, rng.choice([5, 12, 60])), rng.randint(0, 70))


#: problem
def wrap_words(text: str, width: int) -> list[str]:
    """A text broken into lines of at most `width` characters (at least 1). The words, which white
    space separates, stand in a line with one blank between them, as many as fit. A word that is
    longer than a line starts on a new line and is cut after every `width` characters; the next
    word may follow its last piece in the same line.

    >>> wrap_words("the quick brown fox", 10)
    ['the quick', 'brown fox']
    >>> wrap_words("abcdefg hi", 4)
    ['abcd', 'efg', 'hi']
    """
    lines = []
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) <= width:
            line += " " + word
            continue
        if line:
            lines.append(line)
        while len(word) > width:
            lines.append(word[:width])
            word = word[width:]
        line = word
    if line:
        lines.append(line)
    return lines


#: solution
def wrap_words(text, width):
    lines = []
    for word in text.split():
        if lines and len(lines[-1]) + len(word) < width:
            lines[-1] = lines[-1] + " " + word
        else:
            for i in range(0, len(word), width):
                lines.append(word[i:i + width])
    return lines


#: inputs
base = [("hello world", 5), ("hello world", 20), ("a b c d", 3), ("one two three four", 9), ("", 5)]
edges = [("", 1), (" ", 3), ("a", 1), ("ab", 1), ("a b", 1), ("abcd", 4), ("abcde", 4), ("ab cd", 5),
         ("ab cd", 4), ("  two   gaps ", 20), ("x\ny\tz", 5), ("abcdefgh i", 4), ("abcdefgh i j", 3),
         ("aaaaa b", 4), ("a bbbbbbbb c", 4), ("a" * 100, 7), ("la " * 60, 11), ("ab abcdef", 6)]


def draw(rng, size):
    parts = words(rng, rng.randint(0, 2 + size // 2), "abc", rng.choice([2, 5, 12]))
    return (rng.choice([" ", "  ", "\n"]).join(parts), rng.randint(1, rng.choice([4, 10, 25])))


#: problem
def task_order(needs: dict[str, list[str]]) -> list[str]:
    """An order in which tasks can be done, given for each task the tasks that must be done before
    it. Of the tasks that are ready, the alphabetically first is always next. A task that is only
    mentioned as a need is a task too, without needs of its own. If the tasks need one another in
    a circle, the result is an empty list.

    >>> task_order({"bake": ["mix"], "eat": ["bake"], "mix": []})
    ['mix', 'bake', 'eat']
    """
    tasks = set(needs)
    for before in needs.values():
        tasks.update(before)
    order = []
    for _ in range(len(tasks)):
        ready = [t for t in tasks if t not in order and all(b in order for b in needs.get(t, []))]
        if not ready:
            return []
        order.append(min(ready))
    return order


#: solution
import heapq


def task_order(needs):
    waiting = {}
    followers = {}
    for task, before in needs.items():
        waiting.setdefault(task, set()).update(before)
        for b in before:
            waiting.setdefault(b, set())
            followers.setdefault(b, []).append(task)
    ready = [task for task in waiting if not waiting[task]]
    heapq.heapify(ready)
    order = []
    while ready:
        task = heapq.heappop(ready)
        order.append(task)
        for follower in followers.get(task, []):
            if task in waiting[follower]:
                waiting[follower].remove(task)
                if not waiting[follower]:
                    heapq.heappush(ready, follower)
    if len(order) < len(waiting):
        return []
    return order


#: solution
def task_order(needs):
    left = {task: set(before) for task, before in needs.items()}
    for before in needs.values():
        for b in before:
            left.setdefault(b, set())
    order = []
    for _ in range(len(left)):
        for task in sorted(left):
            if not left[task]:
                break
        else:
            return []
        del left[task]
        order.append(task)
        for others in left.values():
            others.discard(task)
    return order


#: inputs
base = [({"a": [], "b": ["a"]},), ({"c": ["b"], "b": ["a"], "a": []},), ({"x": [], "y": []},),
        ({"dress": ["wash"], "wash": ["wake"], "leave": ["dress"], "wake": []},)]
edges = [({},), ({"a": []},), ({"a": ["a"]},), ({"a": ["b"], "b": ["a"]},), ({"a": ["b"]},),
         ({"b": ["a"], "c": []},), ({"z": [], "a": ["z"]},), ({"a": ["b", "b"], "b": []},),
         ({"a": ["c"], "b": ["c"]},), ({"a": ["b"], "b": ["c"], "c": ["b"]},), ({"b": [], "a": []},),
         ({"d": ["a"], "b": ["z"], "a": [], "c": []},), ({"x": [], "a": ["b"], "b": ["a"]},),
         ({"t%02d" % i: ["t%02d" % (i - 1)] for i in range(1, 25)},)]


def draw(rng, size):
    names = list("abcdefgh"[:rng.randint(1, 2 + size // 4)])
    rng.shuffle(names)
    needs = {}
    for i, name in enumerate(names):
        pool = names[:i] if rng.random() < 0.95 else names
        needs[name] = rng.sample(pool, rng.randint(0, min(2, len(pool))))
    if rng.random() < 0.3:
        needs.pop(names[0])
    return (needs,)


#: problem
from typing import Optional


def stack_machine(program: list[str]) -> Optional[int]:
    """Runs a small stack machine. A whole number is put on the stack; 'add', 'sub' and 'mul' take
    two numbers off and put their sum, difference (the lower one minus the upper one) or product
    back; 'dup' puts the top number on once more, 'swap' exchanges the top two and 'drop' takes the
    top one off. The answer is the number on top at the end. It is None if the stack is empty then,
    or if an instruction ever finds too few numbers.

    >>> stack_machine(["7", "2", "sub", "dup", "mul"])
    25
    >>> stack_machine(["1", "add"]) is None
    True
    """
    stack = []
    for word in program:
        wanted = {"add": 2, "sub": 2, "mul": 2, "swap": 2, "dup": 1, "drop": 1}.get(word, 0)
        if len(stack) < wanted:
            return None
        if wanted == 0:
            stack.append(int(word))
        elif word == "dup":
            stack.append(stack[-1])
        elif word == "drop":
            stack.pop()
        else:
            upper = stack.pop()
            lower = stack.pop()
            if word == "add":
                stack.append(lower + upper)
            elif word == "sub":
                stack.append(lower - upper)
            elif word == "mul":
                stack.append(lower * upper)
            else:
                stack.append(upper)
                stack.append(lower)
    return stack[-1] if stack else None


#: solution
def stack_machine(program):
    stack = []
    try:
        for word in program:
            if word == "add":
                stack.append(stack.pop() + stack.pop())
            elif word == "mul":
                stack.append(stack.pop() * stack.pop())
            elif word == "sub":
                stack.append(-stack.pop() + stack.pop())
            elif word == "dup":
                stack.append(stack[-1])
            elif word == "drop":
                stack.pop()
            elif word == "swap":
                stack[-1], stack[-2] = stack[-2], stack[-1]
            else:
                stack.append(int(word))
        return stack[-1]
    except IndexError:
        return None


#: inputs
base = [(["1", "2", "add"],), (["2", "3", "mul", "4", "add"],), (["9", "4", "sub"],), (["5", "dup", "mul"],),
        (["add"],)]
edges = [([],), (["0"],), (["-3"],), (["1", "drop"],), (["drop"],), (["dup"],), (["1", "swap"],),
         (["1", "2", "swap"],), (["1", "2", "swap", "sub"],), (["1", "mul"],), (["1", "sub"],),
         (["1", "2", "drop"],), (["1", "2", "3"],), (["1", "2", "3", "add"],), (["-2", "-3", "mul"],),
         (["5", "dup", "sub"],), (["2"] + ["dup", "mul"] * 6,), (["1", "2", "3", "swap", "sub"],),
         (["1", "drop", "drop", "5"],)]


def draw(rng, size):
    program = []
    depth = 0
    for _ in range(rng.randint(0, size)):
        if depth < 2 and rng.random() < 0.95:
            word = rng.choice([str(rng.randint(-9, 9)), str(rng.randint(0, 9))] + (["dup"] if depth else []))
            depth += 1
        else:
            word = rng.choice(["add", "sub", "mul", "dup", "swap", "drop", str(rng.randint(-9, 9))])
            depth += {"add": -1, "sub": -1, "mul": -1, "swap": 0, "drop": -1}.get(word, 1)
        program.append(word)
    return (program,)


#: problem
def histogram(values: list[float], edges: list[float]) -> list[int]:
    """How many values fall between each pair of neighbouring edges. The edges ascend strictly. A
    value on an edge belongs to the bin above it; only the last bin holds both its edges. Values
    outside are not counted.

    >>> histogram([0.5, 1.0, 2.0], [0.0, 1.0, 2.0])
    [1, 2]
    """
    counts = [0] * max(len(edges) - 1, 0)
    for v in values:
        for i in range(len(counts)):
            last = i == len(counts) - 1
            if edges[i] <= v < edges[i + 1] or (last and v == edges[i + 1]):
                counts[i] += 1
    return counts


#: solution
from bisect import bisect_right


def histogram(values, edges):
    if len(edges) < 2:
        return []
    counts = [0] * (len(edges) - 1)
    for v in values:
        if v < edges[0] or v > edges[-1]:
            continue
        place = bisect_right(edges, v) - 1
        counts[min(place, len(counts) - 1)] += 1
    return counts


#: solution
def histogram(values, edges):
    counts = []
    for low, high in zip(edges[:-1], edges[1:]):
        inside = [v for v in values if v >= low and v < high]
        counts.append(len(inside))
    if counts:
        counts[-1] += values.count(edges[-1])
    return counts


#: inputs
base = [([1.5, 2.5, 2.7], [1.0, 2.0, 3.0]), ([0.1, 0.2, 0.9], [0.0, 0.5, 1.0]),
        ([5.0], [0.0, 10.0]), ([], [0.0, 1.0])]
edges = [([], []), ([1.0], []), ([1.0], [1.0]), ([1.0], [1.0, 2.0]), ([2.0], [1.0, 2.0]),
         ([2.0, 2.0], [1.0, 2.0, 3.0]), ([0.5, 3.5], [1.0, 2.0, 3.0]), ([3.0, 3.0], [1.0, 2.0, 3.0]),
         ([-1.0, -2.0], [-2.0, -1.0, 0.0]), ([float(i % 11) for i in range(200)], [0.0, 2.5, 5.0, 10.0]),
         ([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0])]


def draw(rng, size):
    ladder = sorted({rng.randint(-4, 8) / 2 for _ in range(rng.randint(0, 6))})
    return ([rng.randint(-12, 20) / 4 for _ in range(rng.randint(0, size))], ladder)


#: problem
def fitted_line(points: list[tuple[float, float]]) -> tuple[float, float]:
    """The straight line y = a + b x that lies nearest to the points by least squares, as the pair
    (a, b). If it has no single such line (all points have the same x), the line is level at the
    mean of the y. Without points it is (0.0, 0.0).

    >>> fitted_line([(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)])
    (1.0, 2.0)
    """
    if not points:
        return (0.0, 0.0)
    n = len(points)
    mean_x = sum(x for x, _ in points) / n
    mean_y = sum(y for _, y in points) / n
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if spread == 0:
        return (mean_y, 0.0)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    return (mean_y - slope * mean_x, slope)


#: solution
def fitted_line(points):
    n = len(points)
    sx = sy = sxx = sxy = 0.0
    for x, y in points:
        sx += x
        sy += y
        sxx += x * x
        sxy += x * y
    bottom = n * sxx - sx * sx
    if n == 0:
        return (0.0, 0.0)
    if bottom == 0:
        return (sy / n, 0.0)
    slope = (n * sxy - sx * sy) / bottom
    return ((sy - slope * sx) / n, slope)


#: inputs
atol = 1e-6
base = [([(0.0, 0.0), (1.0, 1.0), (2.0, 2.0)],), ([(1.0, 2.0), (2.0, 3.0), (3.0, 5.0)],),
        ([(0.0, 4.0), (2.0, 0.0)],), ([(1.0, 1.0), (2.0, 1.0), (3.0, 1.0)],)]
edges = [([],), ([(0.0, 0.0)],), ([(2.0, 7.0)],), ([(2.0, 7.0), (2.0, 9.0)],), ([(-1.0, 1.0), (1.0, -1.0)],),
         ([(5.0, 5.0), (5.0, 5.0)],), ([(0.0, 3.0), (0.0, 5.0), (0.0, 1.0)],),
         ([(float(i), float(3 * i - 7)) for i in range(50)],)]


def draw(rng, size):
    spread = rng.choice([1, 3, 20])
    return ([(float(rng.randint(-spread, spread)), float(rng.randint(-20, 20)))
             for _ in range(rng.randint(0, 1 + size // 2))],)


#: problem
def short_names(words: list[str]) -> dict[str, str]:
    """For each of the different words, its shortest beginning that no other of the words begins
    with. A word that is itself the beginning of another one keeps its full length.

    >>> short_names(["commit", "clone", "checkout"])
    {'commit': 'co', 'clone': 'cl', 'checkout': 'ch'}
    """
    different = sorted(set(words))
    names = {}
    for word in different:
        names[word] = word
        for n in range(1, len(word)):
            if sum(1 for other in different if other.startswith(word[:n])) == 1:
                names[word] = word[:n]
                break
    return names


#: solution
def short_names(words):
    counts = {}
    for word in set(words):
        for n in range(len(word) + 1):
            counts[word[:n]] = counts.get(word[:n], 0) + 1
    names = {}
    for word in words:
        n = 1
        while n < len(word) and counts[word[:n]] > 1:
            n += 1
        names[word] = word[:n]
    return names


#: solution
def short_names(words):
    def shared(a, b):
        n = 0
        for x, y in zip(a, b):
            if x != y:
                break
            n += 1
        return n

    names = {}
    for word in words:
        longest = 0
        for other in words:
            if other != word:
                longest = max(longest, shared(word, other))
        names[word] = word[:longest + 1]
    return names


#: inputs
base = [(["add", "remove"],), (["start", "stop", "status"],), (["list"],), (["red", "green", "blue"],)]
edges = [([],), ([""],), (["a", "a"],), (["a", "ab"],), (["ab", "a"],), (["", "a"],), (["abc", "abd"],),
         (["abc", "abcd", "abcde"],), (["push", "push", "pull"],), (["A", "a"],), (["xy", "xyz", "x"],),
         (["w" * i for i in range(1, 25)],)]


def draw(rng, size):
    return (words(rng, rng.randint(0, 1 + size // 3), rng.choice(["ab", "abc"]), 5),)


#: problem
def changed_settings(old: dict, new: dict) -> list[str]:
    """What differs between two sets of settings, which may contain further sets. Each setting that
    was added, removed or changed is named by its path, the names joined by dots; where both sides
    hold a set, the differences inside are named instead. The paths come in alphabetical order.

    >>> changed_settings({"size": 1, "font": {"bold": True}}, {"size": 2, "font": {"bold": False}})
    ['font.bold', 'size']
    """
    paths = []
    for name in set(old) | set(new):
        if name not in old or name not in new:
            paths.append(name)
        elif isinstance(old[name], dict) and isinstance(new[name], dict):
            paths += [name + "." + path for path in changed_settings(old[name], new[name])]
        elif old[name] != new[name]:
            paths.append(name)
    return sorted(paths)


#: solution
def changed_settings(old, new):
    paths = []

    def compare(a, b, prefix):
        for name in a:
            if name not in b:
                paths.append(prefix + name)
            elif type(a[name]) is dict and type(b[name]) is dict:
                compare(a[name], b[name], prefix + name + ".")
            elif a[name] != b[name]:
                paths.append(prefix + name)
        for name in b:
            if name not in a:
                paths.append(prefix + name)

    compare(old, new, "")
    paths.sort()
    return paths


#: inputs
base = [({"a": 1, "b": 2}, {"a": 1, "b": 3}), ({"a": 1}, {"a": 1, "c": 5}), ({"x": {"y": 1}}, {"x": {"y": 2}}),
        ({"a": 1}, {"a": 1})]
edges = [({}, {}), ({"a": 1}, {}), ({}, {"a": {}}), ({"a": {}}, {"a": {}}), ({"a": {}}, {"a": 1}),
         ({"a": {"b": 1}}, {"a": 1}), ({"a": 1}, {"a": {"b": 1}}), ({"a": {"b": 1}}, {"a": {}}),
         ({"a": None}, {}), ({}, {"a": None}), ({"a": 0}, {"a": None}), ({"b": 1, "a": 1}, {}),
         ({"a": {"b": {"c": {"d": 1}}}}, {"a": {"b": {"c": {"d": 2, "e": 3}}}}),
         ({"a": [1, 2]}, {"a": [2, 1]}), ({"a": {"b": 1}, "a0": 1}, {"a": {"b": 2}, "a0": 2})]


def draw(rng, size):
    def settings(depth):
        found = {}
        for name in "abc":
            if rng.random() < 0.7:
                found[name] = settings(depth - 1) if depth and rng.random() < 0.5 else rng.choice([0, 1, None, "x"])
        return found
    return (settings(size // 9), settings(size // 9))


#: problem
def counting_out(children: list[str], syllables: int) -> list[str]:
    """The order in which children are counted out. They stand in a circle; a rhyme with the given
    number of syllables (at least 1) points at one child per syllable, starting with the first
    child. The child at the last syllable leaves, and the rhyme starts again with the next one.

    >>> counting_out(["Ada", "Bo", "Cy"], 2)
    ['Bo', 'Ada', 'Cy']
    """
    circle = list(children)
    order = []
    place = 0
    for _ in range(len(children)):
        place = (place + syllables - 1) % len(circle)
        order.append(circle.pop(place))
    return order


#: solution
from collections import deque


def counting_out(children, syllables):
    circle = deque(children)
    order = []
    while circle:
        circle.rotate(-(syllables - 1))
        order.append(circle.popleft())
    return order


#: solution
def counting_out(children, syllables):
    order = []
    circle = children[:]
    for left in range(len(children), 0, -1):
        out = (syllables - 1) % left
        order.append(circle[out])
        circle = circle[out + 1:] + circle[:out]
    return order


#: inputs
base = [(["a", "b", "c", "d"], 2), (["a", "b", "c"], 1), (["x", "y", "z"], 3), (["p", "q"], 5)]
edges = [([], 1), ([], 3), (["a"], 1), (["a"], 4), (["a", "b"], 1), (["a", "b"], 2), (["a", "a", "b"], 2),
         (["a", "b", "c"], 100), (["n%d" % i for i in range(41)], 3), (["a", "b", "c", "d", "e"], 5)]


def draw(rng, size):
    return (words(rng, rng.randint(0, 1 + size // 2), "abcdef", 2), rng.randint(1, 2 + size))
