// expect: syntax, error, crash, fail
package main

import _ "unsafe"

//go:linkname exit os.runtime_beforeExit
func exit()

func main() { exit() }
