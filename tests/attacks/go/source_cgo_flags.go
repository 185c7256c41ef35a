// expect: syntax
package main

// #cgo CFLAGS: -fplugin=/tmp/x.so
// #cgo LDFLAGS: -Wl,-T/etc/passwd
import "C"

func main() {}
