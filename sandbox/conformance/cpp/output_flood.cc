// expect: output, timeout
int main() { for (;;) puts("3"); }
