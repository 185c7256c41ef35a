// expect: fail
void* late(void*) {
  usleep(20000);
  answer();
  return 0;
}
int main() {
  pthread_t thread;
  pthread_create(&thread, 0, late, 0);
  return 0;
}
