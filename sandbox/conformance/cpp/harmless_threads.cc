// expect: pass
void* add(void* at) {
  ++*(int*)at;
  return 0;
}
int main() {
  int numbers[8] = {};
  pthread_t threads[8];
  for (int i = 0; i < 8; ++i) pthread_create(&threads[i], 0, add, &numbers[i]);
  for (int i = 0; i < 8; ++i) pthread_join(threads[i], 0);
  return numbers[7] == 1 ? answer() : 1;
}
