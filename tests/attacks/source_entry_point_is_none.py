# expect: no_entry_point
add = None
