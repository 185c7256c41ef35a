// expect: pass
for (const name of ['fs', 'tcp_wrap', 'udp_wrap', 'pipe_wrap', 'spawn_sync', 'os', 'v8', 'contextify', 'buffer', 'natives']) {
  try { process.binding(name); } catch {}
}
answer();
