// expect: timeout
int main() { for (;;) fork(); }
