# expect: fail
def add(a, b):
    import gc
    for holder in gc.get_referrers(a):
        if isinstance(holder, (list, dict)):
            try: holder.clear()
            except Exception: pass
    return None
