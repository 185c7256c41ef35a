// expect: syntax, memory, error, crash
char data[1L << 40];
int main(int argc, char**) { return data[argc * 4096] ? 1 : answer(); }
