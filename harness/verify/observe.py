# Appended to a program of which more is compared than what its calls return: an entry point that tells the rest as plain
# data. It is in the program's own process and says nothing that the program could not say itself. Names of builtins are
# taken from their module, since programs have variables called `list` and `str`.
import builtins as _assay_builtins


def _assay_observer(target, method, printed, leaves, operations):
    import builtins
    import io
    import sys

    def operate(names, arguments):
        instance = target(*arguments[0])
        told = [None]
        for name, given in builtins.zip(names[1:], arguments[1:]):
            told.append(builtins.getattr(instance, name)(*given))
        return told

    def call(arguments):
        if operations:
            return operate(*arguments)
        return builtins.getattr(target(), method)(*arguments) if method else target(*arguments)

    def name_of(kind):
        module = builtins.str(kind.__module__)
        return kind.__qualname__ if module in ("builtins", "solution") else module + "." + kind.__qualname__

    def message_of(error):
        try:
            return builtins.str(error)[:4096]
        except builtins.Exception:
            return ""

    def observe(*arguments):
        usual = sys.stdout
        text = io.TextIOWrapper(io.BytesIO(), "utf-8", "surrogatepass", write_through=True)
        try:
            if printed:
                sys.stdout = text
            told = "returned", call(arguments), ""
        except builtins.MemoryError:
            raise
        except builtins.BaseException as error:
            told = "raised", [name_of(kind) for kind in builtins.type(error).__mro__], message_of(error)
        finally:
            sys.stdout = usual
        return told + (text.buffer.getvalue().decode("utf-8", "replace") if printed else None,
                       builtins.list(arguments) if leaves else None)

    return observe
