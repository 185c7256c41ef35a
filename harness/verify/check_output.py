# Runs a benchmark's checker of outputs as testlib's are run: the arguments name three files, the exit status decides. The
# jail has no files, so the three are opened here, by name and for reading. Standard input holds four sizes, then the
# checker's text, the input, the output and the answer.


def run():
    import builtins
    import io
    import os
    import sys

    stream = sys.stdin.buffer
    sizes = [int(size) for size in stream.readline().split()]
    source, *texts = [stream.read(size) for size in sizes]
    names = ["input.txt", "output.txt", "answer.txt"]
    files = dict(zip(names, texts))
    usual = builtins.open

    def opened(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, *rest, **named):
        name = os.fspath(file) if isinstance(file, (str, os.PathLike)) else None
        if name not in files:
            return usual(file, mode, buffering, encoding, errors, newline, *rest, **named)
        if set(mode) - set("rbt"):
            raise PermissionError(1, "a checker may only read its files", name)
        content = io.BytesIO(files[name])
        return content if "b" in mode else io.TextIOWrapper(content, encoding or "utf-8", errors or "surrogateescape", newline)

    said = io.BytesIO()
    builtins.open = io.open = opened
    sys.argv = ["checker", *names]
    sys.stdin = io.TextIOWrapper(io.BytesIO())
    sys.stdout = sys.stderr = text = io.TextIOWrapper(said, "utf-8", "replace", write_through=True)
    try:
        status = 0
        exec(compile(source, "checker.py", "exec"), {"__name__": "__main__", "__builtins__": builtins})
    except SystemExit as end:
        status = end.code
        if status is None:
            status = 0
        elif not isinstance(status, int):
            text.write(str(status))
            status = 1
    except BaseException as error:
        status = 3
        at = error.__traceback__
        while at.tb_next is not None:
            at = at.tb_next
        text.write("%s: %s (line %d of %s)" % (type(error).__name__, error, at.tb_lineno, at.tb_frame.f_code.co_filename))
    os.write(1, b"%d\n" % (status & 255) + said.getvalue()[:4096])


run()
