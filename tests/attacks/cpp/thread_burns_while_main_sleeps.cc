// expect: timeout
void* burn(void*) {
  for (volatile long i = 0;; ++i) {
  }
}
int main() {
  pthread_t thread;
  pthread_create(&thread, 0, burn, 0);
  sleep(100);
}
