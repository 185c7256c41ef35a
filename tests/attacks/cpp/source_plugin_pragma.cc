// expect: syntax, error
#pragma GCC plugin "/tmp/x.so"
#pragma GCC push_options
#pragma GCC optimize("-fplugin=/tmp/x.so")
int main() { return 1; }
