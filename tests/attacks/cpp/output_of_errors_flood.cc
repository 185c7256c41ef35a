// expect: timeout
int main() { for (;;) fputs("no\n", stderr); }
