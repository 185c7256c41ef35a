// expect: fail
int main() { _exit(0); }
