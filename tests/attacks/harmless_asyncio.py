# expect: pass
# An event loop, a thread it waits for, a queue and a timeout: an honest program that needs a pair of sockets.
import asyncio
async def work(a, b):
    queue = asyncio.Queue()
    task = asyncio.ensure_future(queue.get())
    await asyncio.sleep(0)
    loop = asyncio.get_running_loop()
    await queue.put(await loop.run_in_executor(None, lambda: a + b))
    return await asyncio.wait_for(task, 1)
def add(a, b): return asyncio.run(work(a, b))
