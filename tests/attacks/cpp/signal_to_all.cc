// expect: pass
int main() {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGKILL, SIGSTOP, SIGCONT}) {
    kill(-1, signal), kill(1, signal), kill(0, signal);
    syscall(SYS_tgkill, 2, 2, signal), syscall(SYS_tkill, 2, signal);
  }
  return answer();
}
