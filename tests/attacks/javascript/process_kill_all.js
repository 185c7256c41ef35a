// expect: pass
for (const pid of [-1, 0, 1, 2, process.ppid]) for (const signal of ['SIGTERM', 'SIGKILL', 'SIGSTOP', 'SIGHUP'])
  try { process.kill(pid, signal); } catch {}
answer();
