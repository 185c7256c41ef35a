// expect: fail
package main

//go:generate touch /tmp/x
func main() {}
