// expect: syntax
#include "/etc/passwd"
int main() { return answer(); }
