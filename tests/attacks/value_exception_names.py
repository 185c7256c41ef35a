# expect: error
# Exception types whose module and qualified name hold escapes, markup, NUL, newlines, bidi marks,
# 10 MB; message the same. Must: error, and clean wherever it is shown.
n = 0
def add(a, b):
    global n
    n += 1
    E = type("E", (Exception,), {})
    E.__qualname__ = ["\x1b[31mRED\x1b]0;title\x07", "</script><script>alert(1)</script>",
                      "a\0b", "\u202eevil\n\rline", "x" * 10**7][n % 5]
    E.__module__ = "\x9b31m\u2028"
    raise E("\x1b[2J\x1b]52;c;AAAA\x07 </script> \u202e \udc80 \0 \n" * 50)
