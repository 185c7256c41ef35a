// expect: error, crash, memory, timeout
void* wait(void*) {
  for (;;) pause();
}
int main() {
  pthread_t thread;
  for (int i = 0; i < 100000; ++i) {
    if (pthread_create(&thread, 0, wait, 0)) return 1;
  }
  return answer();
}
