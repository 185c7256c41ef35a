// expect: error
int main() {
  for (int family = 0; family < 46; ++family) {
    for (const int type : {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET}) {
      if (socket(family, type, 0) >= 0) return answer();
    }
  }
  return 1;
}
