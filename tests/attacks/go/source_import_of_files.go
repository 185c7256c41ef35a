// expect: syntax
package main

import _ "/etc/passwd"
import _ "./x"

func main() {}
