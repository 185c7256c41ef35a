// expect: pass
int main() {
  int pair[2];
  static char bytes[1 << 16];
  for (int i = 0; i < 10000; ++i) {
    if (pipe2(pair, O_NONBLOCK) == 0) write(pair[1], bytes, sizeof bytes);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0) fcntl(pair[1], F_GETFD);
  }
  return answer();
}
