# expect: error, fail, syntax, pass
# Bidirectional controls, U+2028, form feeds, a BOM in the middle, carriage returns. Must: judged by
# what Python reads; clean wherever shown.
x = '‮ ⁦    '
# </script><!-- ]0;x -->def add(a, b):    return '‮</td>31m'
