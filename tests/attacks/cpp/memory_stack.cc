// expect: crash
int deep(volatile int n) { return n + deep(n + 1) + deep(n); }
int main() { return deep(1); }
